// What account administration needs of sign-in: sessions ended, second steps removed, the user told.
#pragma once

#include "accounts/credential_service.hpp"
#include "accounts/sign_in_access.hpp"
#include "crypto/envelope.hpp"
#include "messages/message_service.hpp"
#include "render/texts.hpp"
#include "signin/notice_service.hpp"
#include "signin/second_step_store.hpp"
#include "signin/session_store.hpp"
#include "signin/spare_code_store.hpp"
#include "signin/throttle_store.hpp"

namespace madoguchi::signin {

class AccountAccess final : public accounts::SignInAccess {
public:
    struct Parts {
        const messages::MessageService& messages;
        const NoticeService& notices;
        const render::Texts& texts;
        Entropy& entropy;
        SecretText token_key;
        std::function<void()> message_queued;
    };
    explicit AccountAccess(Parts parts) : parts_(std::move(parts)) {}

    Result<std::vector<accounts::SecondStepSummary>> second_steps(db::Transaction& tx,
                                                                  AccountId account) const override;
    Result<void> end_sessions(db::Transaction& tx, AccountId account, const std::string& reason,
                              Instant now) const override;
    Result<void> remove_second_steps(db::Transaction& tx, AccountId account, Instant now) const override;
    Result<void> unlock(db::Transaction& tx, AccountId account, const std::string& login_id) const override;
    Result<accounts::HandedCode> make_access_code(db::Transaction& tx, const accounts::Account& account, AccountId by,
                                                  Instant now) const override;
    Result<std::optional<std::string>> send_reset_code(db::Transaction& tx, const accounts::Account& account,
                                                       const SecretText& shown, const std::string& proved_phone,
                                                       Instant now) const override;
    Result<void> announce(db::Transaction& tx, const accounts::Account& account, accounts::Announcement what,
                          Instant now) const override;

private:
    Parts parts_;
    SecondStepStore steps_;
    SpareCodeStore spare_codes_;
    SessionStore sessions_;
    ThrottleStore throttles_;
    accounts::CredentialService credentials_;
};

}  // namespace madoguchi::signin
