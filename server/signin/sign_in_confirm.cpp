// Flows of somebody who is signed in: "confirm it's you", and a further second step. They end where a sign-in would
// make a session, and change the session that they are for instead.
#include "base/limits.hpp"
#include "crypto/one_time_secrets.hpp"
#include "signin/security_service.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::signin {
namespace {

tl::unexpected<Error> session_over() {
    return failure(ErrorKind::unauthenticated, "session_lost", "the session ended while it was being confirmed");
}

}  // namespace

Flow SignInService::flow_of(const directory::Principal& principal, FlowPurpose purpose, const std::string& next,
                            const Client& client) const {
    return Flow{.state = FlowState::password,
                .channel = client.channel,
                .login_id = principal.login_id,
                .login_key = principal.login_id,
                .account = principal.account,
                .source = client.source,
                .created_at = client.now,
                .expires_at = client.now + limits::kConfirmFlowLife,
                .purpose = purpose,
                .session = principal.session,
                .next = next};
}

Result<Stepped> SignInService::confirm(const directory::Principal& principal, const SecretText& password,
                                       const std::string& next, const Client& client) {
    const auto check = TRY(check_password(principal.login_id, password, client));
    const auto attempt = own_entry(principal, "session.confirm");
    const Actor acting = actor(client, check.credentials ? &*check.credentials : nullptr);
    if (!check.right || check.by_initial || check.credentials->id != principal.account) {
        const auto wrong = invalid_field("password", "wrong_current_password");
        parts_.audit.refused(acting, attempt, wrong.value(), client.now);
        return wrong;
    }
    SecretText token = parts_.entropy.token();
    auto stepped = parts_.audit.audited(acting, attempt, client.now, [&](db::Transaction& tx) -> Result<Stepped> {
        TRY(throttles_.forgive(tx, check.buckets));
        Flow flow = flow_of(principal, FlowPurpose::confirm, next, client);
        flow.id = TRY(flows_.insert(tx, flow, flow_digest(token)));
        flow = TRY(flow_after_password(tx, std::move(flow), check, client));
        if (flow.state == FlowState::register_method) {
            return session_over();  // the second steps are gone: the sessions are too
        }
        TRY(save(tx, flow, FlowState::password));
        return Stepped{.state = flow.state, .flow_token = token, .account = flow.account, .methods = check.methods};
    });
    parts_.message_queued();
    return stepped;
}

Result<Stepped> SignInService::add_method(const directory::Principal& principal, const std::string& next,
                                          const Client& client) {
    SecretText token = parts_.entropy.token();
    const auto attempt = own_entry(principal, "second_step.add");
    const auto work = [&](db::Transaction& tx) -> Result<Stepped> {
        TRY(parts_.security.require_confirmed(tx, principal, client.now));
        if (TRY(steps_.list(tx, principal.account)).size() >= static_cast<std::size_t>(limits::kMethodsPerAccount)) {
            return failure(ErrorKind::conflict, "too_many_second_steps");
        }
        Flow flow = flow_of(principal, FlowPurpose::add, next, client);
        flow.state = FlowState::register_method;
        TRY(flows_.insert(tx, flow, flow_digest(token)));
        return Stepped{.state = flow.state, .flow_token = token, .account = flow.account};
    };
    const auto credentials = TRY(parts_.database.transact(
        actor(client), [&](db::Transaction& tx) { return parts_.credentials.find(tx, principal.account); }));
    return parts_.audit.audited(actor(client, credentials ? &*credentials : nullptr), attempt, client.now, work);
}

Result<Stepped> SignInService::finish_for_session(db::Transaction& tx, const Flow& flow,
                                                  const accounts::Credentials& credentials, const Client& client) {
    Stepped out{.state = FlowState::signed_in, .account = flow.account, .next = flow.next};
    if (flow.purpose == FlowPurpose::add) {
        TRY(bind_further(tx, flow, credentials, client));
        return out;
    }
    out.session_token = parts_.entropy.token();
    const auto expires_at =
        TRY(security_.confirm(tx, flow.session, flow.account,
                              crypto::digest_token(parts_.token_key, "session", out.session_token), client.now));
    if (!expires_at) {
        return session_over();
    }
    out.session_expires_at = *expires_at;
    audit::Entry done = entry("session.confirm", credentials);
    done.after = {{"session", flow.session.value}, {"second_step", second_step_name(flow)}};
    TRY(parts_.audit.append(tx, actor(client, &credentials), done, client.now));
    return out;
}

Result<void> SignInService::bind_further(db::Transaction& tx, const Flow& flow,
                                         const accounts::Credentials& credentials, const Client& client) const {
    // Asked again at the end: the session may have ended, or its ten minutes passed before the flow began.
    const auto confirmed_at = TRY(security_.lock_confirmed_at(tx, flow.session, flow.account, client.now));
    if (!confirmed_at || flow.created_at - *confirmed_at >= limits::kConfirmedFor) {
        return session_over();
    }
    const auto methods = TRY(steps_.list(tx, flow.account));
    if (methods.size() >= static_cast<std::size_t>(limits::kMethodsPerAccount)) {
        return failure(ErrorKind::conflict, "too_many_second_steps");
    }
    TRY(phone_is_new(methods, flow));
    const auto kind = flow.kind.value_or(MethodKind::totp);
    TRY(parts_.notices.tell(tx, flow.account, credentials.login_id, "second_step_added", {}, client.now,
                            {.method = kind}));
    TRY(insert_method(tx, flow, credentials, client));
    audit::Entry added = entry("second_step.add", credentials);
    added.after = {{"kind", to_text(kind)}, {"phone", flow.phone_masked}};
    return parts_.audit.append(tx, actor(client, &credentials), added, client.now);
}

Result<void> SignInService::phone_is_new(const std::vector<SecondStep>& methods, const Flow& flow) const {
    const bool known = !flow.phone_digest.empty() &&
                       std::ranges::find(methods, flow.phone_digest, &SecondStep::phone_digest) != methods.end();
    if (known) {
        return invalid_field("phone", "phone_already_registered");
    }
    return {};
}

}  // namespace madoguchi::signin
