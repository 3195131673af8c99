// Flows and passwords; second steps stand in sign_in_second_step.cpp, the end of a flow in sign_in_finish.cpp.
#include "signin/sign_in_service.hpp"

#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "crypto/hmac.hpp"
#include "crypto/one_time_secrets.hpp"

namespace madoguchi::signin {
namespace {

tl::unexpected<Error> flow_lost() {
    return failure(ErrorKind::unauthenticated, "flow_lost");
}
tl::unexpected<Error> wrong() {
    return failure(ErrorKind::unauthenticated, "invalid_credentials");
}

constexpr std::string_view kSeedContext = "totp-seed";

}  // namespace

Client client_of(const http::Request& request) {
    // Headers may hold any byte; one that is no ASCII, or half of a character, must not stop a sign-in at the database.
    std::string user_agent = request.user_agent.substr(0, limits::kUserAgentBytes);
    std::ranges::replace_if(
        user_agent, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
    return {request.source,        request.request_id, channel_of(request),
            std::move(user_agent), request.locale,     request.now};
}

std::string second_step_label(const render::Texts& texts, Locale locale, MethodKind kind, const std::string& name) {
    const std::string id(to_text(kind));
    const bool nameless = kind == MethodKind::passkey && name.empty();
    return nameless ? texts.text("second_step." + id, locale)
                    : texts.text("second_step_label." + id, locale, {{"number", name}});
}

std::string account_bucket(const SecretText& token_key, const std::string& login_key) {
    return crypto::digest_lookup(token_key, "throttle-account", login_key);
}

std::string SignInService::flow_digest(const SecretText& token) const {
    return crypto::digest_token(parts_.token_key, "flow", token);
}

Actor SignInService::actor(const Client& client, const accounts::Credentials* credentials) const {
    Actor actor = Actor::system();
    actor.name = credentials == nullptr ? "anonymous" : credentials->login_id;
    actor.account = credentials == nullptr ? AccountId{} : credentials->id;
    actor.source = client.source;
    actor.request_id = client.request_id;
    actor.channel = client.channel;
    return actor;
}

audit::Entry SignInService::entry(std::string action, const accounts::Credentials& credentials) const {
    return {.action = std::move(action),
            .organization_path = credentials.organization.path,
            .target_kind = "account",
            .target_id = credentials.id.value,
            .target_name = credentials.login_id};
}

Result<Flow> SignInService::lock(db::Transaction& tx, const Step& step, Instant now) const {
    auto flow = TRY(flows_.lock(tx, flow_digest(step.token), now));
    if (!flow || flow->state == FlowState::ended) {
        return flow_lost();
    }
    if (step.step && *step.step != flow->step()) {
        return failure(ErrorKind::conflict, "stale_step");
    }
    return std::move(*flow);
}

Result<void> SignInService::save(db::Transaction& tx, const Flow& flow, FlowState from) const {
    if (!TRY(flows_.update(tx, flow, from))) {
        return failure(ErrorKind::conflict, "stale_step");
    }
    return {};
}

Result<Stepped> SignInService::start(const std::string& typed_login_id, const Client& client) {
    const std::string key = fold_login_id(typed_login_id);
    if (key.empty()) {
        return invalid_field("login_id", "required");
    }
    const bool well_formed = key.size() <= limits::kLoginIdBytes && key.find('@') != std::string::npos &&
                             key.front() != '@' && key.back() != '@' && key.find('@') == key.rfind('@');
    if (!well_formed) {
        return invalid_field("login_id", "login_id_format");
    }
    Flow flow{.state = FlowState::password,
              .channel = client.channel,
              .login_id = key,
              .login_key = key,
              .source = client.source,
              .created_at = client.now,
              .expires_at = client.now + limits::kFlowLife};
    SecretText token = parts_.entropy.token();
    TRY(parts_.database.transact(actor(client),
                                 [&](db::Transaction& tx) { return flows_.insert(tx, flow, flow_digest(token)); }));
    return Stepped{.state = FlowState::password, .flow_token = std::move(token)};
}

Result<FlowView> SignInService::view(const SecretText& token, Instant now) {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<FlowView> {
        auto flow = TRY(flows_.find(tx, flow_digest(token), now));
        if (!flow || flow->state == FlowState::ended) {
            return flow_lost();
        }
        FlowView out{.flow = std::move(*flow)};
        if (out.flow.account) {
            out.methods = TRY(steps_.list(tx, out.flow.account));
        }
        if (out.flow.message) {
            out.message = TRY(parts_.messages.standing(tx, out.flow.message));
        }
        out.phone = out.flow.phone_masked;
        if (out.flow.registering() && !out.flow.phone_sealed.empty()) {
            out.phone = TRY(parts_.envelope.open(out.flow.phone_sealed, messages::kPhoneContext)).reveal();
        }
        if (out.flow.state == FlowState::register_totp) {
            out.seed = TRY(parts_.envelope.open(out.flow.seed_sealed, kSeedContext));
        }
        TRY(view_passkey(tx, out));
        out.tries_left = std::max(0, limits::kFlowCodeFailures - out.flow.failures);
        return out;
    });
}

// --- the password ---

std::vector<Bucket> SignInService::password_buckets(const std::string& login_key, const std::string& source,
                                                    AccountId account_id, KnownSource known) const {
    const std::string account = account_bucket(parts_.token_key, login_key);
    const std::string from = crypto::digest_lookup(parts_.token_key, "throttle-source", source);
    // Where the owner signed in lately has an allowance of its own: strangers at many addresses can't use it up (S13).
    if (known == KnownSource::yes) {
        return {{account + ":" + from, limits::kPasswordFailuresPerKnownSource, "password", account_id},
                {from, limits::kPasswordFailuresPerSource, "password"}};
    }
    return {{account + ":" + from, limits::kPasswordFailuresPerAccountSource, "password", account_id},
            {account, limits::kPasswordFailuresPerAccount, "password", account_id},
            {from, limits::kPasswordFailuresPerSource, "password"}};
}

void SignInService::note_throttled(const std::string& login_key, const PasswordCheck& check, const Error& error,
                                   const Client& client) const {
    const auto noted = parts_.database.transact(actor(client), [&](db::Transaction& tx) -> Result<bool> {
        const auto blocked = TRY(throttles_.blocked(tx, check.buckets, client.now));
        // A source that tries many IDs is one story, not one for each of them.
        const auto& source = check.buckets.back().key;
        const bool by_source = blocked.size() == 1 && blocked.front() == source;
        return throttles_.note(tx, by_source ? source : account_bucket(parts_.token_key, login_key), client.now);
    });
    if (noted && *noted) {
        parts_.audit.refused(actor(client), password_attempt(login_key, check), error, client.now);
    }
}

Result<SignInService::PasswordCheck> SignInService::check_password(const std::string& login_key,
                                                                   const SecretText& password, const Client& client) {
    PasswordCheck check;
    const auto counted = parts_.database.transact(actor(client), [&](db::Transaction& tx) -> Result<void> {
        check.credentials = TRY(parts_.credentials.find(tx, login_key));
        // Asked for nobody too: a query less would tell in time which IDs exist (S12).
        const AccountId account = check.credentials ? check.credentials->id : AccountId{};
        const bool known =
            TRY(security_.signed_in_from(tx, account, client.source, client.now - limits::kKnownSourceFor));
        check.buckets = password_buckets(login_key, client.source, account, known ? KnownSource::yes : KnownSource::no);
        TRY(throttles_.attempt(tx, check.buckets, client.now));
        check.methods = TRY(steps_.list(tx, account));
        return {};
    });
    if (!counted) {
        if (counted.error().kind == ErrorKind::too_many) {
            note_throttled(login_key, check, counted.error(), client);
        }
        return failure(counted.error());
    }
    // One Argon2id computation for everybody, known or not, so that the time tells nothing (S12).
    const bool has_password = check.credentials && check.credentials->password_phc;
    const Result<bool> verified = has_password ? parts_.gate.verify(*check.credentials->password_phc, password)
                                               : parts_.gate.spend(password).map([] { return false; });
    if (!verified) {
        // Nothing was compared: a busy server must not lock anybody out (S27).
        TRY(parts_.database.transact(actor(client),
                                     [&](db::Transaction& tx) { return throttles_.take_back(tx, check.buckets); }));
        return failure(verified.error());
    }
    check.right = *verified;
    if (check.credentials && check.credentials->initial_digest) {
        const SecretText folded = crypto::fold_initial_password(password.reveal());
        const auto digest =
            crypto::digest_initial_password(parts_.token_key, std::to_string(check.credentials->id.value), folded);
        check.by_initial =
            !folded.empty() && crypto::equal_in_constant_time(digest, *check.credentials->initial_digest);
        check.right = check.right || check.by_initial;
    }
    if (check.credentials && check.credentials->state == accounts::AccountState::closed) {
        check.right = false;
    }
    return check;
}

audit::Entry SignInService::password_attempt(const std::string& login_key, const PasswordCheck& check) {
    return {.action = "sign_in.password",
            .organization_path =
                check.credentials ? check.credentials->organization.path : std::string(audit::kNobodysPath),
            .target_kind = "account",
            .target_id = check.credentials ? check.credentials->id.value : 0,
            .target_name = login_key};
}

void SignInService::note_wrong_password(const std::string& login_key, const PasswordCheck& check,
                                        const Client& client) const {
    parts_.audit.refused(actor(client), password_attempt(login_key, check), wrong().value(), client.now);
    parts_.outcome("wrong_password");
}

bool SignInService::password_expired(const accounts::Credentials& credentials, Instant now) const {
    return parts_.password_life && credentials.password_phc && credentials.password_changed_at &&
           now - *credentials.password_changed_at >= *parts_.password_life;
}

void SignInService::use_method(Flow& flow, const SecondStep& method) const {
    flow.method = method.id;
    flow.kind = method.kind;
    flow.phone_sealed = method.phone_sealed;
    flow.phone_masked = method.phone_masked;
    flow.phone_digest = method.phone_digest;
    flow.phone_mobile = method.phone_mobile;
    flow.code_digest.clear();
    flow.code_expires_at.reset();
    flow.message = {};
}

Result<Flow> SignInService::flow_after_password(db::Transaction& tx, Flow flow, const PasswordCheck& check,
                                                const Client& client) const {
    const auto& credentials = *check.credentials;
    if (credentials.state == accounts::AccountState::suspended || !credentials.organization_open) {
        return failure(ErrorKind::forbidden, "account_suspended");
    }
    if (check.by_initial && *credentials.initial_expires_at <= client.now) {
        return failure(ErrorKind::forbidden, "initial_password_expired");
    }
    flow.account = credentials.id;
    flow.by_initial_password = check.by_initial;
    flow.initial_digest = check.by_initial ? *credentials.initial_digest : std::string();
    const bool browser = client.channel == "web";
    const auto usable = std::ranges::find_if(check.methods, [&](const SecondStep& method) {
        return !method.disabled && (browser || method.kind != MethodKind::passkey);
    });
    const bool by_passkey = usable != check.methods.end() && usable->kind == MethodKind::passkey;
    flow.state = TRY(advance(flow.state, FlowEvent::password_right,
                             {.has_second_step = !check.methods.empty(),
                              .must_replace_password = check.by_initial,
                              .by_passkey = by_passkey}));
    if (flow.state == FlowState::register_method) {
        return flow;
    }
    if (usable == check.methods.end()) {
        // A code that was kept, or an administrator's, is the way back; without one nothing here is left to prove.
        const bool spare = TRY(spare_codes_.recovery_codes(tx, flow.account)).left > 0 ||
                           TRY(spare_codes_.has_access_code(tx, flow.account, client.now));
        if (!spare) {
            const bool passkeys_only = std::ranges::find(check.methods, false, &SecondStep::disabled) != usable;
            return passkeys_only ? failure(ErrorKind::conflict, "passkey_needs_browser")
                                 : failure(ErrorKind::forbidden, "second_step_disabled");
        }
        use_method(flow, check.methods.front());
        return flow;
    }
    use_method(flow, *usable);
    if (by_passkey) {
        TRY(new_challenge(tx, flow, client));
        return flow;
    }
    // The command line asks for its message itself, after it has shown the methods.
    if (by_phone(usable->kind) && browser) {
        if (const auto sent = send_code(tx, flow, *flow.kind, client);
            !sent && sent.error().kind != ErrorKind::too_many) {
            return failure(sent.error());
        }
    }
    return flow;
}

Result<Stepped> SignInService::password(const Step& step, const SecretText& password, const Client& client) {
    const Flow before =
        TRY(parts_.database.transact(actor(client), [&](db::Transaction& tx) { return lock(tx, step, client.now); }));
    if (before.state != FlowState::password) {
        return failure(ErrorKind::conflict, "stale_step");
    }
    const auto check = TRY(check_password(before.login_key, password, client));
    if (!check.right) {
        note_wrong_password(before.login_key, check, client);
        return wrong();
    }
    const auto attempt = entry("sign_in.password", *check.credentials);
    SecretText token = parts_.entropy.token();
    auto stepped =
        parts_.audit.audited(actor(client), attempt, client.now, [&](db::Transaction& tx) -> Result<Stepped> {
            TRY(throttles_.forgive(tx, check.buckets));
            const Flow flow = TRY(flow_after_password(tx, TRY(lock(tx, step, client.now)), check, client));
            TRY(save(tx, flow, FlowState::password));
            TRY(flows_.rotate(tx, flow.id, flow_digest(token)));
            TRY(parts_.audit.append(tx, actor(client), attempt, client.now));
            return Stepped{.state = flow.state, .flow_token = token, .account = flow.account};
        });
    if (stepped) {
        upgrade_hash(*check.credentials, password);
        parts_.message_queued();
    }
    return stepped;
}

Result<Stepped> SignInService::password_by_api(const std::string& login_id, const SecretText& password,
                                               const Client& client) {
    const std::string key = fold_login_id(login_id);
    const auto check = TRY(check_password(key, password, client));
    if (!check.right) {
        note_wrong_password(key, check, client);
        return wrong();
    }
    const auto attempt = entry("sign_in.password", *check.credentials);
    const bool first = check.by_initial || check.methods.empty();
    if (first || password_expired(*check.credentials, client.now)) {
        const Error error{.kind = ErrorKind::conflict,
                          .message_id = first ? "first_sign_in_required" : "password_expired"};
        parts_.audit.refused(actor(client), attempt, error, client.now);
        return failure(error);
    }
    SecretText token = parts_.entropy.token();
    auto stepped =
        parts_.audit.audited(actor(client), attempt, client.now, [&](db::Transaction& tx) -> Result<Stepped> {
            TRY(throttles_.forgive(tx, check.buckets));
            const Flow flow = TRY(flow_after_password(tx,
                                                      Flow{.state = FlowState::password,
                                                           .channel = client.channel,
                                                           .login_id = key,
                                                           .login_key = key,
                                                           .source = client.source,
                                                           .created_at = client.now,
                                                           .expires_at = client.now + limits::kFlowLife},
                                                      check, client));
            TRY(flows_.insert(tx, flow, flow_digest(token)));
            TRY(parts_.audit.append(tx, actor(client), attempt, client.now));
            return Stepped{.state = flow.state, .flow_token = token, .account = flow.account, .methods = check.methods};
        });
    if (stepped) {
        upgrade_hash(*check.credentials, password);
    }
    return stepped;
}

void SignInService::upgrade_hash(const accounts::Credentials& credentials, const SecretText& password) {
    if (!credentials.password_phc || !parts_.gate.hasher().outdated(*credentials.password_phc)) {
        return;
    }
    const auto phc = parts_.gate.hash(password);
    if (phc) {
        // A lost race or a full database leaves the old hash, which is still good: the next sign-in tries again.
        static_cast<void>(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
            return parts_.credentials.upgrade_hash(tx, credentials.id, *credentials.password_phc, *phc);
        }));
    }
}

Result<void> SignInService::forget_old(Instant now, std::chrono::days kept) {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<void> {
        TRY(flows_.forget_old(tx, now - kept));
        TRY(throttles_.forget_old(tx, now - limits::kThrottleKept));
        return {};
    });
}

}  // namespace madoguchi::signin
