// The end of a flow: the new password, the second step bound, the session.
#include "base/field_errors.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "crypto/hmac.hpp"
#include "crypto/one_time_secrets.hpp"
#include "signin/password_policy.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::signin {

Result<void> SignInService::bind_method(db::Transaction& tx, const Flow& flow, const accounts::Credentials& credentials,
                                        const Client& client) const {
    if (flow.access_code != 0) {
        // What was lost goes with everything that was kept beside it; the old phones are told before they go (S10).
        TRY(parts_.notices.tell(tx, flow.account, credentials.login_id, "second_step_reset", {}, client.now));
        TRY(steps_.remove_all(tx, flow.account, client.now));
        TRY(spare_codes_.end_recovery_codes(tx, flow.account, client.now));
    }
    // Somebody else finished a first sign-in with the same initial password: the first one wins, nothing of ours stays.
    if (!TRY(steps_.list(tx, flow.account)).empty()) {
        return failure(ErrorKind::conflict, "stale_step");
    }
    TRY(insert_method(tx, flow, credentials, client));
    audit::Entry bound = entry("second_step.register", credentials);
    bound.after = {{"kind", to_text(flow.kind.value_or(MethodKind::totp))}, {"phone", flow.phone_masked}};
    return parts_.audit.append(tx, actor(client, &credentials), bound, client.now);
}

Result<void> SignInService::insert_method(db::Transaction& tx, const Flow& flow,
                                          const accounts::Credentials& credentials, const Client& client) const {
    const SecondStep method{.account = flow.account,
                            .kind = flow.kind.value_or(MethodKind::totp),
                            .phone_sealed = flow.phone_sealed,
                            .phone_masked = flow.phone_masked,
                            .phone_digest = flow.phone_digest,
                            .phone_mobile = flow.phone_mobile,
                            .seed_sealed = flow.seed_sealed,
                            .last_step = flow.totp_step};
    const auto id = TRY(steps_.insert(tx, method, credentials.organization.path, client.now));
    if (method.kind == MethodKind::passkey) {
        TRY(passkeys_.bind(tx, flow.id, id, credentials.organization.path));
    }
    return {};
}

std::string second_step_name(const Flow& flow) {
    return flow.by_recovery_code   ? "recovery_code"
           : flow.access_code != 0 ? "access_code"
                                   : std::string(to_text(flow.kind.value_or(MethodKind::totp)));
}

Result<Stepped> SignInService::sign_in(db::Transaction& tx, const Flow& flow, const accounts::Credentials& credentials,
                                       const Client& client) {
    if (flow.wanted_default && flow.wanted_default == flow.method) {
        TRY(steps_.make_default(tx, flow.method, flow.account, flow.kind.value_or(MethodKind::totp)));
    }
    Stepped out{.state = FlowState::signed_in, .account = flow.account};
    out.session_token = parts_.entropy.token();
    out.session_expires_at = client.now + (client.channel == "api" ? limits::kCliSessionLife : limits::kSessionLife);
    const NewSession session{.token_digest = crypto::digest_token(parts_.token_key, "session", out.session_token),
                             .account = flow.account,
                             .organization_path = credentials.organization.path,
                             .channel = client.channel,
                             .source = client.source,
                             .user_agent = client.user_agent,
                             .expires_at = out.session_expires_at};
    const auto id = TRY(sessions_.insert(tx, session, client.now));
    TRY(parts_.credentials.note_signed_in(tx, flow.account, client.now));
    if (client.channel == "web") {
        TRY(parts_.credentials.note_language(tx, flow.account, client.locale));
    }
    audit::Entry done = entry("sign_in", credentials);
    done.after = {{"session", id.value}, {"second_step", second_step_name(flow)}};
    TRY(parts_.audit.append(tx, actor(client, &credentials), done, client.now));
    return out;
}

// What the page asks for once more: the initial password of the letter, or the one that has expired.
Result<bool> SignInService::is_current_password(const Flow& flow, const accounts::Credentials& credentials,
                                                const SecretText& typed) const {
    if (!flow.by_initial_password) {
        return !typed.empty() && credentials.password_phc && TRY(parts_.gate.verify(*credentials.password_phc, typed));
    }
    const SecretText folded = crypto::fold_initial_password(typed.reveal());
    return !folded.empty() &&
           crypto::equal_in_constant_time(
               crypto::digest_initial_password(parts_.token_key, std::to_string(flow.account.value), folded),
               flow.initial_digest);
}

Result<void> SignInService::check_new_password(const Flow& flow, const accounts::Credentials& credentials,
                                               const SecretText& current, const SecretText& wanted,
                                               const SecretText& again) const {
    FieldErrors errors;
    if (!TRY(is_current_password(flow, credentials, current))) {
        errors.add("current_password", current.empty() ? "required" : "wrong_current_password");
    }
    check_wanted_password(errors, credentials, wanted, again);
    if (TRY(is_current_password(flow, credentials, wanted))) {
        errors.add("new_password", flow.by_initial_password ? "password_same_as_initial" : "password_same_as_current");
    }
    return std::move(errors).result();
}

void SignInService::check_wanted_password(FieldErrors& errors, const accounts::Credentials& credentials,
                                          const SecretText& wanted, const SecretText& again) const {
    const PasswordContext context{.login_id = credentials.login_id,
                                  .organization_names = {credentials.organization.name},
                                  .service_names = {"窓口", "Madoguchi"},
                                  .minimum_code_points = parts_.password_minimum};
    for (auto& error : signin::check_password(wanted, context, parts_.blocklist)) {
        errors.add(error.field, error.message_id, error.values);
    }
    if (normalize_password(wanted.reveal()).reveal() != normalize_password(again.reveal()).reveal()) {
        errors.add("new_password_again", "password_mismatch");
    }
}

Result<void> SignInService::replace_password(db::Transaction& tx, const Flow& flow,
                                             const accounts::Credentials& credentials, const std::string& phc,
                                             Instant now) const {
    if (flow.by_initial_password) {
        return TRY(parts_.credentials.replace_initial(tx, flow.account, flow.initial_digest, phc, now))
                   ? Result<void>()
                   : failure(ErrorKind::conflict, "initial_password_used");
    }
    return TRY(parts_.credentials.replace_password(tx, flow.account, *credentials.password_phc, phc, now))
               ? Result<void>()
               : failure(ErrorKind::unauthenticated, "flow_lost", "the password was changed meanwhile");
}

Result<Stepped> SignInService::new_password(const Step& step, const SecretText& current, const SecretText& wanted,
                                            const SecretText& again, const Client& client) {
    std::optional<accounts::Credentials> credentials;
    const Flow before = TRY(parts_.database.transact(actor(client), [&](db::Transaction& tx) -> Result<Flow> {
        Flow flow = TRY(lock(tx, step, client.now));
        TRY(advance(flow.state, FlowEvent::password_replaced, {}));
        credentials = TRY(parts_.credentials.find(tx, flow.account));
        return flow;
    }));
    if (!credentials) {
        return failure(ErrorKind::unauthenticated, "flow_lost");
    }
    TRY(check_new_password(before, *credentials, current, wanted, again));
    const std::string phc = TRY(parts_.gate.hash(wanted));
    const auto attempt = entry("password.replace", *credentials);
    auto stepped =
        parts_.audit.audited(actor(client), attempt, client.now, [&](db::Transaction& tx) -> Result<Stepped> {
            Flow flow = TRY(lock(tx, step, client.now));
            const FlowState from = flow.state;
            flow.state = TRY(advance(from, FlowEvent::password_replaced, {}));
            TRY(parts_.credentials.lock(tx, flow.account));
            TRY(replace_password(tx, flow, *credentials, phc, client.now));
            if (flow.registering()) {
                TRY(bind_method(tx, flow, *credentials, client));
            }
            TRY(save(tx, flow, from));
            TRY(flows_.end_others(tx, flow, client.now));
            TRY(sessions_.end_all(tx, flow.account, "password_replaced", client.now));
            TRY(parts_.audit.append(tx, actor(client, &*credentials), attempt, client.now));
            return sign_in(tx, flow, *credentials, client);
        });
    parts_.outcome(stepped ? "signed_in" : "password_refused");
    return stepped;
}

Result<std::vector<SecondStep>> SignInService::methods(AccountId account) {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) { return steps_.list(tx, account); });
}

Result<std::optional<PreviousSignIn>> SignInService::previous_sign_in(AccountId account, SessionId current) {
    return parts_.database.transact(Actor::system(),
                                    [&](db::Transaction& tx) { return sessions_.previous(tx, account, current); });
}

}  // namespace madoguchi::signin
