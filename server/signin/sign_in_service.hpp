// The use cases of signing in. Each checks that the flow stands where the step belongs, compares a guess under the lock
// of what counts it, and consumes by a guarded UPDATE: parallel tries have one winner.
#pragma once

#include "accounts/credential_service.hpp"
#include "audit/audit_service.hpp"
#include "base/field_errors.hpp"
#include "crypto/envelope.hpp"
#include "crypto/hash_gate.hpp"
#include "crypto/password_blocklist.hpp"
#include "gateway/phone_number.hpp"
#include "messages/message_service.hpp"
#include "render/texts.hpp"
#include "signin/flow_store.hpp"
#include "signin/notice_service.hpp"
#include "signin/passkey_store.hpp"
#include "signin/second_step_store.hpp"
#include "signin/security_service.hpp"
#include "signin/session_service.hpp"
#include "signin/spare_code.hpp"
#include "signin/spare_code_store.hpp"
#include "signin/throttle_store.hpp"

namespace madoguchi::signin {

/// From where somebody signs in.
struct Client {
    std::string source;
    std::string request_id;
    std::string channel;
    std::string user_agent;
    Locale locale = Locale::ja;
    Instant now;
};
Client client_of(const http::Request& request);

/// A flow with what its page shows.
struct FlowView {
    Flow flow;
    std::string phone;  // in full while it is being registered, else masked
    std::vector<SecondStep> methods;
    std::optional<messages::MessageStanding> message;
    SecretText seed;  // while an authenticator app is being registered
    int tries_left = 0;
    std::optional<PasskeyCeremony> passkey;  // while one is being made or asked for
    std::string passkey_name;                // of the one that is being registered
};

struct Stepped {
    FlowState state = FlowState::password;
    SecretText flow_token = {};     // set when it changed
    SecretText session_token = {};  // set when signed in
    Instant session_expires_at = {};
    AccountId account = {};
    std::vector<SecondStep> methods = {};  // after the password: what may follow
    std::string next = {};                 // where a flow for a session leads back to
};

struct PasswordChange {
    SecretText current;
    SecretText wanted;
    SecretText again;
};

/// A form's fields that say which step of which flow it is for; the API has no step.
struct Step {
    SecretText token;
    std::optional<std::string> step;
};

class SignInService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        accounts::CredentialService credentials;
        crypto::HashGate& gate;
        const crypto::Envelope& envelope;
        const crypto::PasswordBlocklist& blocklist;
        const gateway::PhoneNumbers& phones;
        messages::MessageService& messages;
        const NoticeService& notices;
        SecurityService& security;
        const render::Texts& texts;
        Entropy& entropy;
        SecretText token_key;
        crypto::RelyingParty relying_party = {};
        std::size_t password_minimum = limits::kPasswordMinimumCodePoints;
        std::optional<std::chrono::days> password_life = std::nullopt;  // S1: none unless an operator wants it
        std::function<void()> message_queued;                           // wakes the outbox worker
        std::function<void(std::string_view outcome)> outcome;          // counted in the metrics
    };
    explicit SignInService(Parts parts) : parts_(std::move(parts)) {}

    /// An ID was typed. Any well-formed one starts a flow (S12). Errors: invalid (login_id).
    Result<Stepped> start(const std::string& typed_login_id, const Client& client);
    /// Errors: unauthenticated (flow_lost).
    Result<FlowView> view(const SecretText& token, Instant now);

    /// Errors: unauthenticated (invalid_credentials: the same for every reason), too_many, conflict (stale_step),
    /// unavailable (busy).
    Result<Stepped> password(const Step& step, const SecretText& password, const Client& client);
    /// The same in one request, for the command line: no first sign-in. Errors: also conflict (first_sign_in_required,
    /// password_expired).
    Result<Stepped> password_by_api(const std::string& login_id, const SecretText& password, const Client& client);

    /// Errors: invalid (phone), too_many, conflict (stale_step).
    Result<Stepped> register_phone(const Step& step, MethodKind kind, const gateway::PhoneNumber& number,
                                   const Client& client);
    Result<Stepped> register_application(const Step& step, const Client& client);
    Result<Stepped> register_passkey(const Step& step, const Client& client);
    /// The passkey that the browser made; `transports` as it named them. Errors: invalid (name: required, too_long;
    /// passkey_malformed, passkey_wrong_origin, passkey_stale, passkey_refused, passkey_already_registered), too_many.
    Result<Stepped> made_passkey(const Step& step, const crypto::RegistrationMessage& message, const std::string& name,
                                 const std::string& transports, const Client& client);
    /// A sign-in by nothing but a passkey begins: nobody has said whose (S12).
    Result<Stepped> start_passkey(const Client& client);
    /// The second step, or a whole sign-in, by a passkey. Errors: invalid (those of crypto::verify_assertion,
    /// passkey_unknown), forbidden (passkey_cloned: it is disabled from now on; passkey_disabled, account_suspended,
    /// passkey_password_first), too_many.
    Result<Stepped> passkey(const Step& step, const crypto::AssertionMessage& message, const Client& client);

    /// Sends the code again, by SMS or by a call. Errors: too_many (resend_wait, phone_too_many_messages).
    Result<Stepped> send_again(const Step& step, MethodKind kind, const Client& client);
    /// Goes on with another registered method.
    /// A mobile number can be reached by both SMS and voice: `by` says which, nothing the way it was registered for.
    Result<Stepped> choose_method(const Step& step, SecondStepId method, std::optional<MethodKind> by,
                                  bool make_default, const Client& client);
    /// Errors: invalid (wrong_code, code_expired, code_used), too_many, forbidden (second_step_disabled).
    Result<Stepped> code(const Step& step, const std::string& typed_code, const Client& client);
    /// A recovery code, or an administrator's temporary code, in the place of the second step. The latter leads to a
    /// second step registered anew. Errors: as code(); conflict (first_sign_in_required: a temporary code from the
    /// command line).
    Result<Stepped> spare_code(const Step& step, const std::string& typed, const Client& client);
    /// Errors: invalid (fields by the password rules; wrong_current_password), conflict (stale_step).
    Result<Stepped> new_password(const Step& step, const SecretText& current, const SecretText& wanted,
                                 const SecretText& again, const Client& client);

    /// "Confirm it's you" (S10): the password first, then a second step, as in a sign-in; then the session counts as
    /// confirmed for ten minutes and has a new token. `next` is where the browser goes then. Errors: invalid (password:
    /// wrong_current_password), too_many, forbidden (second_step_disabled), unavailable.
    Result<Stepped> confirm(const directory::Principal& principal, const SecretText& password, const std::string& next,
                            const Client& client);
    /// A flow that registers a further second step. Errors: forbidden (confirmation_needed), conflict
    /// (too_many_second_steps).
    Result<Stepped> add_method(const directory::Principal& principal, const std::string& next, const Client& client);

    /// By somebody who is signed in and knows the one that stands: this session goes on under a new token, every other
    /// one and every sign-in under way ends, and the owner is told. Errors: invalid (fields by the password rules;
    /// wrong_current_password), too_many, unavailable, unauthenticated (session_lost: changed meanwhile).
    Result<Stepped> change_password(const directory::Principal& principal, const PasswordChange& typed,
                                    const Client& client);

    const crypto::RelyingParty& relying_party() const { return parts_.relying_party; }

    /// The registered second steps of somebody who is signed in.
    Result<std::vector<SecondStep>> methods(AccountId account);
    /// The sign-in before this session's, so that somebody sees when it was not them.
    Result<std::optional<PreviousSignIn>> previous_sign_in(AccountId account, SessionId current);
    Result<void> forget_old(Instant now, std::chrono::days kept);

private:
    struct PasswordCheck {
        std::optional<accounts::Credentials> credentials;
        std::vector<SecondStep> methods;
        std::vector<Bucket> buckets;
        bool right = false;
        bool by_initial = false;
    };

    Result<Flow> lock(db::Transaction& tx, const Step& step, Instant now) const;
    Result<void> save(db::Transaction& tx, const Flow& flow, FlowState from) const;
    enum class KnownSource { no, yes };
    std::vector<Bucket> password_buckets(const std::string& login_key, const std::string& source, AccountId account_id,
                                         KnownSource known) const;
    std::vector<Bucket> spare_code_buckets(AccountId account) const;
    std::vector<Bucket> registration_buckets(AccountId account) const;
    Result<PasswordCheck> check_password(const std::string& login_key, const SecretText& password,
                                         const Client& client);
    static audit::Entry password_attempt(const std::string& login_key, const PasswordCheck& check);
    /// A password that was not even looked at leaves a row too (S21), at most one a minute an ID.
    void note_throttled(const std::string& login_key, const PasswordCheck& check, const Error& error,
                        const Client& client) const;
    void note_wrong_password(const std::string& login_key, const PasswordCheck& check, const Client& client) const;
    Result<Flow> flow_after_password(db::Transaction& tx, Flow flow, const PasswordCheck& check,
                                     const Client& client) const;
    /// The password stands, but has to be replaced before it opens a session (S1).
    bool password_expired(const accounts::Credentials& credentials, Instant now) const;
    void use_method(Flow& flow, const SecondStep& method) const;
    Result<void> send_code(db::Transaction& tx, Flow& flow, MethodKind by, const Client& client) const;
    /// The flow's message certainly reaches nobody any more, so that the next one need not wait.
    Result<bool> comes_to_nothing(db::Transaction& tx, const Flow& flow, Instant now) const;
    /// What came of a guess: a wrong one is committed too, as it was counted.
    struct Guess {
        std::optional<Error> wrong;
        Stepped stepped = {};
    };
    Result<Guess> guess(db::Transaction& tx, Flow flow, const std::string& typed_code, const Client& client);
    Result<std::optional<accounts::Credentials>> count_spare_guess(const Step& step, const Client& client);
    Result<Stepped> use_recovery_code(db::Transaction& tx, Flow flow, const SpareCode& code,
                                      const accounts::Credentials& credentials, const Client& client);
    Result<Stepped> use_access_code(db::Transaction& tx, Flow flow, const SpareCode& code,
                                    const accounts::Credentials& credentials, const Client& client);
    void note_refused_guess(AccountId account, const Error& error, const Client& client) const;
    /// Over the registered phone, once: too many wrong codes have stopped a second step (S8).
    void tell_when_disabled(const accounts::Credentials& credentials, const Client& client) const;
    /// `method`: null while registering. Returns the accepted step of TOTP.
    Result<std::int64_t> accept_code(db::Transaction& tx, const Flow& flow, const SecondStep* method,
                                     const std::string& typed_code, const Client& client) const;
    /// What came of a passkey's message: a wrong one is committed too, as it used up its challenge and was counted.
    struct PasskeyTry {
        std::optional<Error> wrong;
        Stepped stepped = {};
    };
    Result<void> new_challenge(db::Transaction& tx, const Flow& flow, const Client& client) const;
    Result<void> view_passkey(db::Transaction& tx, FlowView& view) const;
    std::vector<Bucket> passkey_buckets(const Flow& flow, const Client& client) const;
    /// Nobody else tries this flow or passkey until the transaction ends.
    Result<void> may_try_passkey(db::Transaction& tx, const Flow& flow, const std::optional<Passkey>& passkey,
                                 const Client& client) const;
    /// `passkey`: nothing where nobody has it.
    Result<PasskeyTry> try_passkey(db::Transaction& tx, Flow flow, const std::optional<Passkey>& passkey,
                                   const crypto::AssertionMessage& message, const Client& client);
    /// What is wrong with it, if anything.
    Result<std::optional<Error>> check_passkey(db::Transaction& tx, const Flow& flow,
                                               const std::optional<Passkey>& passkey,
                                               const crypto::AssertionMessage& message, const Client& client) const;
    Result<Stepped> after_passkey(db::Transaction& tx, Flow flow, const Passkey& passkey, const Client& client);
    Result<Stepped> sign_in_by_passkey(db::Transaction& tx, Flow flow, const Client& client);
    /// There are two of it: it is worth nothing any more, and its owner is told.
    Result<void> stop_passkey(db::Transaction& tx, const Passkey& passkey, const Client& client) const;
    Result<PendingPasskey> read_registration(db::Transaction& tx, const Flow& flow, const std::string& challenge,
                                             const crypto::RegistrationMessage& message) const;
    /// `account` 0: nobody's.
    void note_refused_passkey(AccountId account, const Error& error, const Client& client) const;
    Result<Stepped> after_code(db::Transaction& tx, Flow flow, std::int64_t totp_step, const Client& client);
    Result<void> bind_method(db::Transaction& tx, const Flow& flow, const accounts::Credentials& credentials,
                             const Client& client) const;
    Result<Stepped> sign_in(db::Transaction& tx, const Flow& flow, const accounts::Credentials& credentials,
                            const Client& client);
    Flow flow_of(const directory::Principal& principal, FlowPurpose purpose, const std::string& next,
                 const Client& client) const;
    Result<Stepped> finish_for_session(db::Transaction& tx, const Flow& flow, const accounts::Credentials& credentials,
                                       const Client& client);
    Result<void> bind_further(db::Transaction& tx, const Flow& flow, const accounts::Credentials& credentials,
                              const Client& client) const;
    /// The second step that the flow proved, registered.
    Result<void> insert_method(db::Transaction& tx, const Flow& flow, const accounts::Credentials& credentials,
                               const Client& client) const;
    Result<void> phone_is_new(const std::vector<SecondStep>& methods, const Flow& flow) const;
    Result<bool> is_current_password(const Flow& flow, const accounts::Credentials& credentials,
                                     const SecretText& typed) const;
    Result<void> replace_password(db::Transaction& tx, const Flow& flow, const accounts::Credentials& credentials,
                                  const std::string& phc, Instant now) const;
    Result<void> check_new_password(const Flow& flow, const accounts::Credentials& credentials,
                                    const SecretText& current, const SecretText& wanted, const SecretText& again) const;
    /// S1 and S2, and that it was typed twice alike.
    void check_wanted_password(FieldErrors& errors, const accounts::Credentials& credentials, const SecretText& wanted,
                               const SecretText& again) const;
    Result<Stepped> put_new_password(const directory::Principal& principal, const PasswordCheck& check,
                                     const std::string& phc, const Client& client);
    void upgrade_hash(const accounts::Credentials& credentials, const SecretText& password);
    Actor actor(const Client& client, const accounts::Credentials* credentials = nullptr) const;
    audit::Entry entry(std::string action, const accounts::Credentials& credentials) const;
    std::string flow_digest(const SecretText& token) const;

    Parts parts_;
    FlowStore flows_;
    SecondStepStore steps_;
    PasskeyStore passkeys_;
    SessionStore sessions_;
    SecurityStore security_;
    SpareCodeStore spare_codes_;
    ThrottleStore throttles_;
};

/// What stood for the second step, as the audit log says it: "sms", "totp", "recovery_code", "access_code".
std::string second_step_name(const Flow& flow);

/// "SMS (090-****-1234)", "Passkey (my computer)": `name` as shown_name() tells it.
std::string second_step_label(const render::Texts& texts, Locale locale, MethodKind kind, const std::string& name);

/// Keys of the throttle buckets of one login ID, for an administrator's unlock.
std::string account_bucket(const SecretText& token_key, const std::string& login_key);

}  // namespace madoguchi::signin
