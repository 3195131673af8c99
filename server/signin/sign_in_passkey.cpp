// Passkeys within a flow (S11): made, asked for, compared. A ceremony's challenge stands in the flow's row, where the
// lock on the flow gives parallel messages one winner.
#include "base/field_errors.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "crypto/hmac.hpp"
#include "crypto/one_time_secrets.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::signin {
namespace {

Error wrong(std::string message_id, std::string detail = {}) {
    return Error{.kind = ErrorKind::invalid, .message_id = std::move(message_id), .detail = std::move(detail)};
}

bool waits_for_passkey(FlowState state) {
    return state == FlowState::passkey || state == FlowState::passkey_alone;
}

// As browsers name them ("internal hybrid"): they come back to the page, so nothing else is kept.
std::string known_transports(const std::string& named) {
    std::string out;
    for (const std::string_view known : {"ble", "hybrid", "internal", "nfc", "smart-card", "usb"}) {
        if ((" " + named + " ").find(" " + std::string(known) + " ") != std::string::npos) {
            out += (out.empty() ? "" : " ") + std::string(known);
        }
    }
    return out;
}

Result<std::string> passkey_name(const std::string& typed) {
    std::string name = fold_width(typed);
    if (name.empty()) {
        return invalid_field("name", "required");
    }
    if (code_points(name) > limits::kMethodLabelCodePoints) {
        return invalid_field("name", "too_long", {{"maximum", std::to_string(limits::kMethodLabelCodePoints)}});
    }
    return name;
}

}  // namespace

Result<void> SignInService::new_challenge(db::Transaction& tx, const Flow& flow, const Client& client) const {
    return passkeys_.begin(tx, flow.id, parts_.entropy.bytes(limits::kPasskeyChallengeBytes), "",
                           client.now + limits::kPasskeyChallengeLife);
}

Result<void> SignInService::view_passkey(db::Transaction& tx, FlowView& view) const {
    if (waits_for_passkey(view.flow.state) || view.flow.state == FlowState::register_passkey) {
        view.passkey = TRY(passkeys_.ceremony(tx, view.flow.id));
    }
    if (view.flow.registering() && view.flow.kind == MethodKind::passkey) {
        view.passkey_name = TRY(passkeys_.pending_name(tx, view.flow.id));
    }
    return {};
}

// --- made ---

Result<Stepped> SignInService::register_passkey(const Step& step, const Client& client) {
    return parts_.database.transact(actor(client), [&](db::Transaction& tx) -> Result<Stepped> {
        Flow flow = TRY(lock(tx, step, client.now));
        const FlowState from = flow.state;
        flow.state = TRY(advance(from, FlowEvent::passkey_chosen, {}));
        flow.kind = MethodKind::passkey;
        flow.phone_sealed.clear();
        flow.phone_masked.clear();
        flow.phone_digest.clear();
        flow.phone_mobile = false;
        flow.seed_sealed.clear();
        flow.code_digest.clear();
        const auto handle = TRY(passkeys_.user_handle(tx, flow.account));
        TRY(passkeys_.begin(tx, flow.id, parts_.entropy.bytes(limits::kPasskeyChallengeBytes),
                            handle ? *handle : parts_.entropy.bytes(limits::kPasskeyChallengeBytes),
                            client.now + limits::kPasskeyChallengeLife));
        TRY(save(tx, flow, from));
        return Stepped{.state = flow.state};
    });
}

Result<PendingPasskey> SignInService::read_registration(db::Transaction& tx, const Flow& flow,
                                                        const std::string& challenge,
                                                        const crypto::RegistrationMessage& message) const {
    auto registered = TRY(crypto::verify_registration(parts_.relying_party, challenge, message));
    if (TRY(passkeys_.known(tx, registered.credential_id))) {
        return failure(wrong("passkey_already_registered", "flow " + std::to_string(flow.id)));
    }
    return PendingPasskey{.registered = std::move(registered)};
}

Result<Stepped> SignInService::made_passkey(const Step& step, const crypto::RegistrationMessage& message,
                                            const std::string& typed_name, const std::string& transports,
                                            const Client& client) {
    const std::string name = TRY(passkey_name(typed_name));
    AccountId account;
    const auto work = [&](db::Transaction& tx) -> Result<PasskeyTry> {
        Flow flow = TRY(lock(tx, step, client.now));
        if (flow.state != FlowState::register_passkey) {
            return failure(ErrorKind::conflict, "stale_step");
        }
        account = flow.account;
        TRY(may_try_passkey(tx, flow, std::nullopt, client));
        const auto challenge = TRY(passkeys_.take_challenge(tx, flow.id, client.now));
        auto pending = read_registration(tx, flow, challenge.value_or(std::string()), message);
        if (!pending && pending.error().kind == ErrorKind::invalid) {
            TRY(flows_.count_wrong(tx, flow.id));
            TRY(new_challenge(tx, flow, client));
            return PasskeyTry{.wrong = pending.error()};
        }
        if (!pending) {
            return failure(pending.error());
        }
        pending->name = name;
        pending->transports = known_transports(transports);
        TRY(passkeys_.keep(tx, flow.id, *pending));
        TRY(throttles_.forgive(tx, passkey_buckets(flow, client)));
        auto stepped = TRY(after_code(tx, std::move(flow), 0, client));
        return PasskeyTry{.wrong = std::nullopt, .stepped = std::move(stepped)};
    };
    auto tried = parts_.database.transact(actor(client), work);
    if (!tried || tried->wrong) {
        const Error error = tried ? *tried->wrong : tried.error();
        if (account) {
            note_refused_guess(account, error, client);
        }
        return failure(error);
    }
    parts_.outcome(tried->stepped.state == FlowState::signed_in ? "signed_in" : "second_step_passed");
    return std::move(tried->stepped);
}

// --- asked for ---

Result<Stepped> SignInService::start_passkey(const Client& client) {
    Flow flow{.state = FlowState::passkey_alone,
              .channel = client.channel,
              .kind = MethodKind::passkey,
              .source = client.source,
              .created_at = client.now,
              .expires_at = client.now + limits::kFlowLife};
    SecretText token = parts_.entropy.token();
    TRY(parts_.database.transact(actor(client), [&](db::Transaction& tx) -> Result<void> {
        flow.id = TRY(flows_.insert(tx, flow, flow_digest(token)));
        return new_challenge(tx, flow, client);
    }));
    return Stepped{.state = flow.state, .flow_token = std::move(token)};
}

std::vector<Bucket> SignInService::passkey_buckets(const Flow& flow, const Client& client) const {
    if (flow.state == FlowState::register_passkey) {
        return registration_buckets(flow.account);
    }
    // Whose it is nobody knows before it was right: whoever fails without a password is slowed down where they are.
    return {{crypto::digest_lookup(parts_.token_key, "throttle-passkey", client.source),
             limits::kPasskeyFailuresPerSource}};
}

Result<void> SignInService::may_try_passkey(db::Transaction& tx, const Flow& flow,
                                            const std::optional<Passkey>& passkey, const Client& client) const {
    if (flow.failures >= limits::kFlowCodeFailures) {
        return failure(Error{.kind = ErrorKind::too_many,
                             .message_id = "too_many_tries",
                             .retry_after = std::chrono::seconds(limits::kSecondStepSlowWait)});
    }
    if (flow.state == FlowState::passkey) {
        if (passkey) {
            TRY(steps_.lock_for_guess(tx, passkey->step, passkey->account, client.now));
        }
        return {};
    }
    return throttles_.attempt(tx, passkey_buckets(flow, client), client.now);
}

// --- compared ---

Result<Stepped> SignInService::passkey(const Step& step, const crypto::AssertionMessage& message,
                                       const Client& client) {
    std::optional<Passkey> found;
    AccountId account;
    bool tried_one = false;
    auto tried = parts_.database.transact(actor(client), [&](db::Transaction& tx) -> Result<PasskeyTry> {
        Flow flow = TRY(lock(tx, step, client.now));
        if (!waits_for_passkey(flow.state)) {
            return failure(ErrorKind::conflict, "stale_step");
        }
        found = TRY(passkeys_.find(tx, message.credential_id));
        if (found && flow.state == FlowState::passkey && found->account != flow.account) {
            found.reset();  // somebody else's is nobody's here
        }
        account = found ? found->account : flow.account;
        tried_one = true;
        return try_passkey(tx, std::move(flow), found, message, client);
    });
    if (!tried || tried->wrong) {
        const Error error = tried ? *tried->wrong : tried.error();
        if (tried_one) {
            note_refused_passkey(account, error, client);
            parts_.outcome("wrong_code");
        }
        parts_.message_queued();
        return failure(error);
    }
    parts_.outcome(tried->stepped.state == FlowState::signed_in ? "signed_in" : "second_step_passed");
    return std::move(tried->stepped);
}

Result<SignInService::PasskeyTry> SignInService::try_passkey(db::Transaction& tx, Flow flow,
                                                             const std::optional<Passkey>& passkey,
                                                             const crypto::AssertionMessage& message,
                                                             const Client& client) {
    TRY(may_try_passkey(tx, flow, passkey, client));
    const auto refusal = TRY(check_passkey(tx, flow, passkey, message, client));
    if (!refusal) {
        auto stepped = TRY(after_passkey(tx, std::move(flow), *passkey, client));
        return PasskeyTry{.wrong = std::nullopt, .stepped = std::move(stepped)};
    }
    TRY(flows_.count_wrong(tx, flow.id));
    if (refusal->message_id == "passkey_cloned") {
        TRY(stop_passkey(tx, *passkey, client));
    } else if (passkey && flow.state == FlowState::passkey) {
        TRY(steps_.count_wrong(tx, passkey->step, client.now));
    }
    TRY(new_challenge(tx, flow, client));
    return PasskeyTry{.wrong = refusal};
}

Result<std::optional<Error>> SignInService::check_passkey(db::Transaction& tx, const Flow& flow,
                                                          const std::optional<Passkey>& passkey,
                                                          const crypto::AssertionMessage& message,
                                                          const Client& client) const {
    const bool alone = flow.state == FlowState::passkey_alone;
    const auto challenge = TRY(passkeys_.take_challenge(tx, flow.id, client.now));
    if (!passkey) {
        return wrong("passkey_unknown");
    }
    // Authenticators that keep no user handle can't sign in alone: there the handle is what names the account.
    const bool handle_right = message.user_handle == passkey->user_handle || (!alone && message.user_handle.empty());
    if (!handle_right) {
        return wrong("passkey_refused", "another user handle");
    }
    const auto asserted = crypto::verify_assertion(
        parts_.relying_party, challenge.value_or(std::string()),
        alone ? crypto::UserVerification::required : crypto::UserVerification::preferred, passkey->key, message);
    if (!asserted) {
        return asserted.error();
    }
    if (passkey->disabled) {
        return Error{.kind = ErrorKind::forbidden, .message_id = "passkey_disabled"};
    }
    if (!TRY(passkeys_.count(tx, passkey->step, asserted->sign_count))) {
        return Error{.kind = ErrorKind::forbidden,
                     .message_id = "passkey_cloned",
                     .detail = "sign count " + std::to_string(asserted->sign_count)};
    }
    return std::nullopt;
}

Result<Stepped> SignInService::after_passkey(db::Transaction& tx, Flow flow, const Passkey& passkey,
                                             const Client& client) {
    TRY(steps_.accept(tx, passkey.step, 0, client.now));
    flow.method = passkey.step;
    flow.kind = MethodKind::passkey;
    if (flow.state == FlowState::passkey) {
        return after_code(tx, std::move(flow), 0, client);
    }
    TRY(throttles_.forgive(tx, passkey_buckets(flow, client)));
    flow.account = passkey.account;
    return sign_in_by_passkey(tx, std::move(flow), client);
}

Result<Stepped> SignInService::sign_in_by_passkey(db::Transaction& tx, Flow flow, const Client& client) {
    const FlowState from = flow.state;
    flow.state = TRY(advance(from, FlowEvent::passkey_right, {.has_second_step = true, .by_passkey = true}));
    // Locked first, as after a code: a reset that runs meanwhile ends the session made here, or is seen here (S5).
    const auto credentials = TRY(parts_.credentials.lock(tx, flow.account));
    if (!credentials || credentials->state != accounts::AccountState::active || !credentials->organization_open) {
        return failure(ErrorKind::forbidden, "account_suspended");
    }
    // After a reset the way in is the new password: whoever asked for the reset may have feared for this passkey.
    if (!credentials->password_phc) {
        return failure(ErrorKind::forbidden, "passkey_password_first");
    }
    TRY(save(tx, flow, from));
    TRY(parts_.audit.append(tx, actor(client), entry("sign_in.passkey", *credentials), client.now));
    return sign_in(tx, flow, *credentials, client);
}

Result<void> SignInService::stop_passkey(db::Transaction& tx, const Passkey& passkey, const Client& client) const {
    const auto credentials = TRY(parts_.credentials.find(tx, passkey.account));
    if (!credentials || !TRY(passkeys_.disable(tx, passkey.step, client.now))) {
        return {};
    }
    TRY(parts_.notices.tell(tx, credentials->id, credentials->login_id, "passkey_stopped", {{"name", passkey.label}},
                            client.now));
    audit::Entry stopped = entry("second_step.disable", *credentials);
    stopped.reason = "the sign count did not grow: there may be a copy";
    stopped.after = {{"kind", to_text(MethodKind::passkey)}, {"label", passkey.label}};
    return parts_.audit.append(tx, actor(client), stopped, client.now);
}

void SignInService::note_refused_passkey(AccountId account, const Error& error, const Client& client) const {
    if (account) {
        note_refused_guess(account, error, client);
        return;
    }
    const audit::Entry attempt{.action = "sign_in.passkey",
                               .organization_path = std::string(audit::kNobodysPath),
                               .target_kind = "account",
                               .target_id = 0,
                               .target_name = ""};
    parts_.audit.refused(actor(client), attempt, error, client.now);
}

}  // namespace madoguchi::signin
