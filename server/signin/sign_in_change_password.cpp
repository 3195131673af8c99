// "Change my password", by somebody who is signed in.
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "crypto/one_time_secrets.hpp"
#include "signin/password_policy.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::signin {

Result<Stepped> SignInService::change_password(const directory::Principal& principal, const PasswordChange& typed,
                                               const Client& client) {
    if (typed.current.empty()) {
        return invalid_field("current_password", "required");
    }
    // Throttled as a sign-in: a session that somebody left open must not serve to guess the password (S13).
    const auto check = TRY(check_password(principal.login_id, typed.current, client));
    const bool right = check.right && !check.by_initial && check.credentials->id == principal.account;
    FieldErrors errors;
    if (!right) {
        errors.add("current_password", "wrong_current_password");
        const auto wrong = invalid_field("current_password", "wrong_current_password");
        parts_.audit.refused(actor(client, check.credentials ? &*check.credentials : nullptr),
                             own_entry(principal, "password.change"), wrong.value(), client.now);
    } else {
        TRY(parts_.database.transact(actor(client),
                                     [&](db::Transaction& tx) { return throttles_.forgive(tx, check.buckets); }));
    }
    if (!check.credentials) {
        return failure(ErrorKind::unauthenticated, "session_lost", "the account of this session is gone");
    }
    check_wanted_password(errors, *check.credentials, typed.wanted, typed.again);
    if (right &&
        normalize_password(typed.wanted.reveal()).reveal() == normalize_password(typed.current.reveal()).reveal()) {
        errors.add("new_password", "password_same_as_current");
    }
    TRY(std::move(errors).result());
    auto changed = put_new_password(principal, check, TRY(parts_.gate.hash(typed.wanted)), client);
    if (changed) {
        parts_.message_queued();
    }
    return changed;
}

Result<Stepped> SignInService::put_new_password(const directory::Principal& principal, const PasswordCheck& check,
                                                const std::string& phc, const Client& client) {
    const auto& credentials = *check.credentials;
    const Actor acting = actor(client, &credentials);
    audit::Entry attempt = own_entry(principal, "password.change");
    return parts_.audit.audited(acting, attempt, client.now, [&](db::Transaction& tx) -> Result<Stepped> {
        TRY(parts_.credentials.lock(tx, principal.account));
        const bool replaced =
            TRY(parts_.credentials.replace_password(tx, principal.account, *credentials.password_phc, phc, client.now));
        Stepped out{.state = FlowState::signed_in, .account = principal.account};
        out.session_token = parts_.entropy.token();
        const auto digest = crypto::digest_token(parts_.token_key, "session", out.session_token);
        const auto expires_at = TRY(security_.rotate(tx, principal.session, principal.account, digest, client.now));
        if (!replaced || !expires_at) {
            return failure(ErrorKind::unauthenticated, "session_lost", "password or session changed meanwhile");
        }
        out.session_expires_at = *expires_at;
        TRY(flows_.end_others(tx, Flow{.account = principal.account}, client.now));
        const auto ended = TRY(security_.end_others(tx, principal.session, principal.account, client.now));
        TRY(parts_.notices.tell(tx, principal.account, principal.login_id, "password_changed", {}, client.now));
        attempt.after = {{"sessions", ended}};
        TRY(parts_.audit.append(tx, acting, attempt, client.now));
        return out;
    });
}

}  // namespace madoguchi::signin
