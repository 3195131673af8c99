// Use cases of a forgotten password (S4, S5, S12, S18): claim an ID and a way, prove the registered second step,
// receive a reset code on a registered phone. The code serves as an initial password does: it sets a new password, at a
// sign-in that asks for the second step as ever.
#pragma once

#include "accounts/account_service.hpp"
#include "signin/forgotten_store.hpp"
#include "signin/notice_service.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::signin {

struct ForgottenDone {
    std::string sent_to;  // the phone, masked; empty: only the health centre can help with this account
};

class ForgottenService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        accounts::AccountService& accounts;
        accounts::CredentialService credentials;
        const crypto::Envelope& envelope;
        const messages::MessageService& messages;
        const render::Texts& texts;
        Entropy& entropy;
        SecretText token_key;
        std::function<void()> message_queued;
    };
    explicit ForgottenService(Parts parts) : parts_(std::move(parts)) {}

    /// The token of a claim; any well-formed ID has one (S12). Errors: invalid (login_id), too_many.
    Result<SecretText> start(const std::string& typed_login_id, ForgottenWay way, const Client& client);
    /// What was claimed, for its page. Errors: unauthenticated (flow_lost).
    Result<Forgotten> view(const SecretText& token, Instant now);
    /// A code of the claimed way. When it is right, the reset code goes out, sessions end, and the second step stays.
    /// Errors: invalid (code: required, wrong_code, code_expired), too_many, unauthenticated (flow_lost).
    Result<ForgottenDone> prove(const SecretText& token, const std::string& typed, const Client& client);

    /// The worker's part: sends the codes that were asked for, to those who exist. How many claims it looked at.
    Result<int> send_asked(Instant now);
    Result<void> forget_old(Instant now, std::chrono::days kept);

private:
    Result<Forgotten> count_proof(const SecretText& token, const Client& client);
    Result<void> send_one(db::Transaction& tx, const Forgotten& forgotten, Instant now);
    Result<std::optional<MessageId>> queue_code(db::Transaction& tx, const Forgotten& forgotten,
                                                const accounts::Credentials& credentials, const SecondStep& phone,
                                                const SecretText& code, Instant now);
    /// Is it right? Consumes what can be used once.
    Result<void> compare(db::Transaction& tx, const Forgotten& forgotten, AccountId account, const std::string& typed,
                         Instant now) const;
    Result<void> compare_totp(db::Transaction& tx, AccountId account, const std::string& code, Instant now) const;
    Result<ForgottenDone> finish(db::Transaction& tx, const Forgotten& forgotten,
                                 const accounts::Credentials& credentials, const Actor& actor, Instant now);
    Result<ForgottenFacts> facts(db::Transaction& tx, const Forgotten& forgotten,
                                 const accounts::Account& account) const;
    std::string digest_of(const SecretText& token) const;
    std::string code_digest(const Forgotten& forgotten, std::string_view code) const;
    Actor actor(const Client& client, const std::optional<accounts::Credentials>& credentials) const;
    audit::Entry entry(const Forgotten& forgotten, const std::optional<accounts::Credentials>& credentials) const;

    Parts parts_;
    ForgottenStore store_;
    SecondStepStore steps_;
    SpareCodeStore spare_codes_;
    ThrottleStore throttles_;
};

/// Key of the throttle bucket of proofs for one login ID, for an administrator's unlock.
std::string forgotten_bucket(const SecretText& token_key, const std::string& login_key);

}  // namespace madoguchi::signin
