// Tells the owner of an account what happened to it, over every phone that is registered (S5, S8, S10). Rows of the
// outbox, written in the transaction of what they tell about.
#pragma once

#include <functional>

#include "accounts/credential_service.hpp"
#include "base/entropy.hpp"
#include "messages/message_service.hpp"
#include "render/texts.hpp"
#include "signin/second_step_store.hpp"

namespace madoguchi::signin {

struct NoticeOptions {
    std::string except_phone = {};  // the digest of one that has a message of its own
    std::string once = {};          // a name of what happened: told before under it, nothing is queued (conflict)
    std::optional<MethodKind> method = {};  // {method} in the sentence: a kind of second step, in the reader's language
};

class NoticeService {
public:
    NoticeService(const messages::MessageService& messages, const render::Texts& texts, Entropy& entropy,
                  std::function<void()> message_queued)
        : messages_(messages), texts_(texts), entropy_(entropy), message_queued_(std::move(message_queued)) {}

    /// `what` names the sentence `message.sms.<what>`, in the language that the account's owner last chose; it always
    /// takes {login_id}. Call it before a channel is removed
    /// and before a new one is added: the old ones are told. How many phones were told.
    Result<int> tell(db::Transaction& tx, AccountId account, const std::string& login_id, const std::string& what,
                     render::TextValues values, Instant now, const NoticeOptions& options = {}) const;

private:
    const messages::MessageService& messages_;
    const render::Texts& texts_;
    Entropy& entropy_;
    std::function<void()> message_queued_;
    SecondStepStore steps_;
    accounts::CredentialService credentials_;
};

}  // namespace madoguchi::signin
