// What account administration needs of sign-in: sessions ended, second steps removed, the user told.
#pragma once

#include "accounts/sign_in_access.hpp"
#include "crypto/envelope.hpp"
#include "messages/message_service.hpp"
#include "render/texts.hpp"
#include "signin/second_step_store.hpp"
#include "signin/session_store.hpp"
#include "signin/throttle_store.hpp"

namespace madoguchi::signin {

class AccountAccess final : public accounts::SignInAccess {
public:
    AccountAccess(messages::MessageService& messages, const render::Texts& texts, SecretText token_key,
                  std::function<void()> message_queued)
        : messages_(messages),
          texts_(texts),
          token_key_(std::move(token_key)),
          message_queued_(std::move(message_queued)) {}

    Result<std::vector<accounts::SecondStepSummary>> second_steps(db::Transaction& tx,
                                                                  AccountId account) const override;
    Result<void> end_sessions(db::Transaction& tx, AccountId account, const std::string& reason,
                              Instant now) const override;
    Result<void> remove_second_steps(db::Transaction& tx, AccountId account, Instant now) const override;
    Result<void> unlock(db::Transaction& tx, AccountId account, const std::string& login_id) const override;
    Result<void> announce(db::Transaction& tx, const accounts::Account& account, accounts::Announcement what,
                          Instant now) const override;

private:
    messages::MessageService& messages_;
    const render::Texts& texts_;
    SecretText token_key_;
    std::function<void()> message_queued_;
    SecondStepStore steps_;
    SessionStore sessions_;
    ThrottleStore throttles_;
};

}  // namespace madoguchi::signin
