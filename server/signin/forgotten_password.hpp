// A forgotten password, from the outside: an ID and a registered second step are claimed, proven, and then a reset code
// goes to a registered phone. Pure.
//
//   asked ──worker: a message goes out, if there is somebody and something to send to──▶ proving ──right──▶ done
//   asked, proving ── five wrong proofs, or 30 minutes ──▶ over: nothing more is compared, the row is forgotten later
//
// Nothing before the right proof depends on whether the ID is somebody's (S12): the row is the same, the pages are the
// same, and what takes another time is done by the worker.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/locale.hpp"
#include "base/time.hpp"
#include "signin/sign_in_flow.hpp"

namespace madoguchi::signin {

enum class ForgottenWay { sms, voice, totp, recovery };
enum class ForgottenState { asked, proving, done };
std::string_view to_text(ForgottenWay way);
std::string_view to_text(ForgottenState state);
std::optional<ForgottenWay> forgotten_way(std::string_view text);
ForgottenState forgotten_state(std::string_view text);

struct Forgotten {
    std::int64_t id = 0;
    std::string login_key;
    ForgottenWay way = ForgottenWay::sms;
    ForgottenState state = ForgottenState::asked;
    std::string phone_digest;  // of the phone that the code went to
    std::string code_digest;
    std::optional<Instant> code_expires_at;
    int failures = 0;
    Locale locale = Locale::ja;
    std::string source;
    Instant created_at;
    Instant expires_at;
};

/// What the database knows of the account once the proof was right.
struct ForgottenFacts {
    bool may_sign_in = false;    // active, with a password, its organization open
    bool administrator = false;  // holds or will hold an administrator's role
    bool second_step_reset_lately = false;
    bool has_phone = false;
    bool has_other_phone = false;  // than the one that proved
};

/// May the reset code go out, and to another phone than the one that proved? Nothing: only the health centre can help.
/// Two different things for an administrator, so that one stolen phone opens nothing (S18); for anybody, a second step
/// that was reset less than 24 hours ago needs a second person.
enum class ForgottenChannel { other_phone, any_phone };
std::optional<ForgottenChannel> channel_for(ForgottenWay way, const ForgottenFacts& facts);

}  // namespace madoguchi::signin
