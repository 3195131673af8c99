// The sign-in flow's states (S15). Pure. A flow is a row in the database: any server takes the next step.
//
//   ID ──▶ password ──right──┬─ no second step yet ─▶ register ─┬─ phone ─▶ register_code ─┐
//            │ wrong: stays  │                          ▲  ▲    └─ app ───▶ register_totp ─┤
//            │               │                          │  └─ another number or way ───────┤
//            │               └─ has one ─▶ code ────────┼────────────right code────────────┤
//            │                             │ ▲ another way                                 ▼
//            │                             └─┘                     initial password? ─ yes ─▶ new_password ─▶ signed_in
//            │                                                          └─ no ───────────────────────────────▶
//            signed_in
//   register ─▶ register_passkey and password ─▶ passkey: as register_code and code, by a passkey; code ◀─▶ passkey by
//   another way. passkey_alone ─▶ signed_in: without ID and password, the passkey having verified its user.
//   code, passkey ─ an administrator's temporary code ─▶ register
//   any ──── 30 minutes, or too many wrong codes ──▶ ended
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace madoguchi::signin {

enum class FlowState {
    password,
    register_method,
    register_totp,
    register_code,
    register_passkey,
    code,
    passkey,        // the second step, by a passkey
    passkey_alone,  // both factors in one
    new_password,
    signed_in,
    ended
};
enum class FlowEvent {
    password_right,  // with what the account has, see Facts
    phone_chosen,
    application_chosen,
    passkey_chosen,
    way_chosen,  // another registered one
    code_right,
    passkey_right,
    spare_code_right,   // a recovery code in the place of the second step
    access_code_right,  // an administrator's temporary code: the second step is registered anew
    password_replaced,
    given_up,
};

struct FlowFacts {
    bool has_second_step = false;
    bool must_replace_password = false;  // the initial one was used
    bool by_passkey = false;             // the second step that is asked for is one
};

std::string_view to_text(FlowState state);
FlowState flow_state(std::string_view text);

/// Errors: conflict (stale_step): a back button, a second tab, a step skipped.
Result<FlowState> advance(FlowState state, FlowEvent event, const FlowFacts& facts);

/// The page on which a flow in this state goes on.
std::string_view path_of(FlowState state);

enum class MethodKind { sms, voice, totp, passkey };
/// Reached by a number: a message or a call.
bool by_phone(MethodKind kind);
std::string_view to_text(MethodKind kind);
std::optional<MethodKind> method_kind(std::string_view text);

/// What a flow is for: a sign-in, or, for somebody signed in, "confirm it's you" (starts at `code`) and a further
/// second step (starts at `register`). Those two end at `signed_in` too, and lead to `next`.
enum class FlowPurpose { sign_in, confirm, add };
std::string_view to_text(FlowPurpose purpose);
FlowPurpose flow_purpose(std::string_view text);

struct Flow {
    std::int64_t id = 0;
    FlowState state = FlowState::password;
    std::string channel;
    std::string login_id;
    std::string login_key;
    AccountId account;
    bool by_initial_password = false;
    std::string initial_digest;
    SecondStepId method;          // 0 while registering
    SecondStepId wanted_default;  // becomes the default one once its code was right
    std::optional<MethodKind> kind;
    std::string phone_sealed;
    std::string phone_masked;
    std::string phone_digest;
    bool phone_mobile = false;
    std::string seed_sealed;
    std::int64_t totp_step = 0;  // the step whose code registered the app
    std::string code_digest;
    std::optional<Instant> code_expires_at;
    MessageId message;
    int messages_sent = 0;
    std::optional<Instant> sent_at;
    int failures = 0;
    std::string source;
    Instant created_at;
    Instant expires_at;
    FlowPurpose purpose = FlowPurpose::sign_in;
    SessionId session;              // of `confirm` and `add`: the session it is for
    std::string next;               // and the page that it leads back to
    bool by_recovery_code = false;  // one stood for the second step
    std::int64_t access_code = 0;   // an administrator's code did: the second step is registered anew

    /// What a form carries to say which step of which flow it belongs to.
    std::string step() const;
    bool registering() const { return !method; }
};

}  // namespace madoguchi::signin
