// Second steps within a flow: registered, challenged, compared.
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "crypto/hmac.hpp"
#include "crypto/one_time_secrets.hpp"
#include "crypto/totp.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::signin {
namespace {

constexpr std::string_view kSeedContext = "totp-seed";

}  // namespace

std::vector<Bucket> SignInService::registration_buckets(AccountId account) const {
    return {{crypto::digest_lookup(parts_.token_key, "throttle-registration", std::to_string(account.value)),
             limits::kSecondStepSlowFailures, "second_step", account}};
}

Result<Stepped> SignInService::register_phone(const Step& step, MethodKind kind, const gateway::PhoneNumber& number,
                                              const Client& client) {
    auto stepped = parts_.database.transact(actor(client), [&](db::Transaction& tx) -> Result<Stepped> {
        Flow flow = TRY(lock(tx, step, client.now));
        const FlowState from = flow.state;
        flow.state = TRY(advance(from, FlowEvent::phone_chosen, {}));
        flow.kind = kind;
        const auto digest = crypto::digest_lookup(parts_.token_key, "phone", number.e164);
        if (digest != flow.phone_digest) {
            TRY(parts_.messages.withdraw(tx, flow.message, client.now));
            flow.message = {};  // a corrected number need not wait for what went to the wrong one; the caps still count
        }
        flow.phone_sealed = TRY(parts_.envelope.seal(SecretText(number.e164), messages::kPhoneContext));
        flow.phone_masked = gateway::masked(number.national);
        flow.phone_digest = digest;
        flow.phone_mobile = number.kind == gateway::PhoneKind::mobile;
        flow.seed_sealed.clear();
        if (flow.purpose == FlowPurpose::add) {
            TRY(phone_is_new(TRY(steps_.list(tx, flow.account)), flow));
        }
        TRY(send_code(tx, flow, kind, client));
        TRY(save(tx, flow, from));
        return Stepped{.state = flow.state};
    });
    parts_.message_queued();
    return stepped;
}

Result<Stepped> SignInService::register_application(const Step& step, const Client& client) {
    return parts_.database.transact(actor(client), [&](db::Transaction& tx) -> Result<Stepped> {
        Flow flow = TRY(lock(tx, step, client.now));
        const FlowState from = flow.state;
        flow.state = TRY(advance(from, FlowEvent::application_chosen, {}));
        flow.kind = MethodKind::totp;
        flow.phone_sealed.clear();
        flow.phone_masked.clear();
        flow.phone_digest.clear();
        TRY(parts_.messages.withdraw(tx, flow.message, client.now));
        flow.code_digest.clear();
        if (from != FlowState::register_totp) {
            flow.seed_sealed = TRY(parts_.envelope.seal(crypto::make_totp_seed(parts_.entropy), kSeedContext));
        }
        TRY(save(tx, flow, from));
        return Stepped{.state = flow.state};
    });
}

Result<bool> SignInService::comes_to_nothing(db::Transaction& tx, const Flow& flow, Instant now) const {
    // A busy line, a refused SMS, or a message that no provider takes, is no reason to wait.
    const auto standing = TRY(parts_.messages.standing(tx, flow.message));
    if (!standing || messages::came_to_nothing(standing->state)) {
        return standing.has_value();
    }
    const bool late = flow.sent_at && now - *flow.sent_at >= limits::kMessageDelayShown;
    // Taken back, it is certain that nobody gets it; a worker that has it in hand is waited for.
    return (standing->stuck || late) && TRY(parts_.messages.withdraw(tx, flow.message, now));
}

Result<void> SignInService::send_code(db::Transaction& tx, Flow& flow, MethodKind by, const Client& client) const {
    if (flow.messages_sent >= limits::kMessagesPerFlow) {
        return failure(Error{.kind = ErrorKind::too_many,
                             .message_id = "phone_too_many_messages",
                             .retry_after = std::chrono::ceil<std::chrono::seconds>(flow.expires_at - client.now)});
    }
    const bool waits = flow.sent_at && client.now - *flow.sent_at < limits::kResendWait && flow.message;
    if (waits && !TRY(comes_to_nothing(tx, flow, client.now))) {
        const auto wait = *flow.sent_at + limits::kResendWait - client.now;
        return failure(Error{.kind = ErrorKind::too_many,
                             .message_id = "resend_wait",
                             .retry_after = std::chrono::ceil<std::chrono::seconds>(wait)});
    }
    if (by == MethodKind::sms && !flow.phone_mobile) {
        return invalid_field("phone", "phone_fixed_line_no_sms");
    }
    TRY(parts_.messages.withdraw(tx, flow.message, client.now));
    const SecretText code = parts_.entropy.digits(limits::kCodeDigits);
    const auto minutes = std::to_string(std::chrono::minutes(limits::kCodeLife).count());
    const std::string text =
        by == MethodKind::sms
            ? parts_.texts.text("message.sms.code", client.locale, {{"code", code.reveal()}, {"minutes", minutes}})
            : parts_.texts.text("message.voice.code", client.locale,
                                {{"code", render::spoken_digits(code.reveal(), client.locale)}});
    const messages::NewMessage message{
        .idempotency_key = "code:" + parts_.entropy.token().reveal(),
        .kind = by == MethodKind::sms ? gateway::MessageKind::sms : gateway::MessageKind::voice,
        .purpose = "code",
        .account = flow.account,
        .phone_sealed = flow.phone_sealed,
        .phone_masked = flow.phone_masked,
        .phone_digest = flow.phone_digest,
        .text = SecretText(text),
        .locale = client.locale,
        .source = client.source,
        .expires_at = client.now + limits::kCodeLife};
    flow.message = TRY(parts_.messages.queue(tx, message, client.now));
    flow.code_digest = crypto::digest_code(parts_.token_key, flow.login_key + ":" + flow.phone_digest, code.reveal());
    flow.code_expires_at = client.now + limits::kCodeLife;
    flow.sent_at = client.now;
    flow.messages_sent += 1;
    flow.kind = by;
    return {};
}

Result<Stepped> SignInService::send_again(const Step& step, MethodKind kind, const Client& client) {
    auto stepped = parts_.database.transact(actor(client), [&](db::Transaction& tx) -> Result<Stepped> {
        Flow flow = TRY(lock(tx, step, client.now));
        const bool possible = (flow.state == FlowState::code || flow.state == FlowState::register_code) &&
                              !flow.phone_sealed.empty() && by_phone(kind);
        if (!possible) {
            return failure(ErrorKind::conflict, "stale_step");
        }
        TRY(send_code(tx, flow, kind, client));
        TRY(save(tx, flow, flow.state));
        return Stepped{.state = flow.state};
    });
    parts_.message_queued();
    return stepped;
}

Result<Stepped> SignInService::choose_method(const Step& step, SecondStepId id, std::optional<MethodKind> by,
                                             bool make_default, const Client& client) {
    auto stepped = parts_.database.transact(actor(client), [&](db::Transaction& tx) -> Result<Stepped> {
        Flow flow = TRY(lock(tx, step, client.now));
        const FlowState from = flow.state;
        TRY(advance(from, FlowEvent::way_chosen, {}));
        const auto method = TRY(steps_.find(tx, id, flow.account));
        const auto kind = by.value_or(method ? method->kind : MethodKind::totp);
        const bool by_passkey = kind == MethodKind::passkey;
        if (!method || (by_passkey && client.channel == "api") ||
            (kind != method->kind && !(method->phone_mobile && by_phone(kind)))) {
            return invalid_field("method_id", "unknown_value");
        }
        if (method->disabled) {
            return failure(ErrorKind::forbidden, "second_step_disabled");
        }
        if (make_default) {
            flow.wanted_default = method->id;
        }
        flow.state = TRY(advance(from, FlowEvent::way_chosen, {.has_second_step = true, .by_passkey = by_passkey}));
        const bool same = flow.method == method->id && flow.kind == kind && flow.message;
        if (!same) {
            TRY(parts_.messages.withdraw(tx, flow.message, client.now));
            use_method(flow, *method);
            if (by_phone(kind)) {
                TRY(send_code(tx, flow, kind, client));
            }
        }
        if (by_passkey) {
            TRY(new_challenge(tx, flow, client));
        }
        TRY(save(tx, flow, from));
        return Stepped{.state = flow.state};
    });
    parts_.message_queued();
    return stepped;
}

// --- comparing ---

void SignInService::note_refused_guess(AccountId account, const Error& error, const Client& client) const {
    const auto credentials = parts_.database.transact(
        actor(client), [&](db::Transaction& tx) { return parts_.credentials.find(tx, account); });
    if (!credentials || !*credentials) {
        return;
    }
    parts_.audit.refused(actor(client), entry("sign_in.second_step", **credentials), error, client.now);
    if (error.kind == ErrorKind::invalid) {
        tell_when_disabled(**credentials, client);
    }
}

Result<std::int64_t> SignInService::accept_code(db::Transaction& tx, const Flow& flow, const SecondStep* method,
                                                const std::string& code, const Client& client) const {
    std::int64_t totp_step = 0;
    if (flow.kind == MethodKind::totp) {
        const auto& sealed = method != nullptr ? method->seed_sealed : flow.seed_sealed;
        const auto seed = TRY(parts_.envelope.open(sealed, kSeedContext));
        const auto step = crypto::matching_step(seed, code, client.now, 0);
        if (!step) {
            return invalid_field("code", "wrong_code");
        }
        totp_step = *step;
    } else {
        if (flow.code_digest.empty()) {
            return invalid_field("code", "code_used");
        }
        if (!flow.code_expires_at || *flow.code_expires_at <= client.now) {
            return invalid_field("code", "code_expired");
        }
        const auto digest = crypto::digest_code(parts_.token_key, flow.login_key + ":" + flow.phone_digest, code);
        if (!crypto::equal_in_constant_time(digest, flow.code_digest)) {
            return invalid_field("code", "wrong_code");
        }
        if (!TRY(flows_.consume_code(tx, flow.id, flow.code_digest, client.now))) {
            return invalid_field("code", "code_used");
        }
    }
    if (method != nullptr && !TRY(steps_.accept(tx, method->id, totp_step, client.now))) {
        return invalid_field("code", "code_used");
    }
    return totp_step;
}

void SignInService::tell_when_disabled(const accounts::Credentials& credentials, const Client& client) const {
    // The guess was refused and counted; a notice that can't be queued, or was before, leaves that standing.
    static_cast<void>(parts_.database.transact(actor(client), [&](db::Transaction& tx) -> Result<void> {
        const auto methods = TRY(steps_.list(tx, credentials.id));
        const auto disabled = std::ranges::find(methods, true, &SecondStep::disabled);
        if (disabled == methods.end()) {
            return {};
        }
        TRY(parts_.notices.tell(tx, credentials.id, credentials.login_id, "second_step_disabled", {}, client.now,
                                {.once = std::to_string(disabled->id.value)}));
        return {};
    }));
}

Result<Stepped> SignInService::code(const Step& step, const std::string& typed_code, const Client& client) {
    if (signin::spare_code(typed_code)) {
        return spare_code(step, typed_code, client);  // one field for all of them on the command line
    }
    const auto code = fold_digits(typed_code);
    if (!code || code->size() != limits::kCodeDigits) {
        return invalid_field("code", typed_code.empty() ? "required" : "code_format");
    }
    AccountId account;
    auto guessed = parts_.database.transact(actor(client), [&](db::Transaction& tx) -> Result<Guess> {
        Flow flow = TRY(lock(tx, step, client.now));
        TRY(advance(flow.state, FlowEvent::code_right, {}));
        account = flow.account;
        return guess(tx, std::move(flow), *code, client);
    });
    const Error* const refused = !guessed ? &guessed.error() : guessed->wrong ? &*guessed->wrong : nullptr;
    if (refused != nullptr) {
        if (account) {
            note_refused_guess(account, *refused, client);
        }
        parts_.outcome("wrong_code");
        return failure(*refused);
    }
    parts_.outcome(guessed->stepped.state == FlowState::signed_in ? "signed_in" : "second_step_passed");
    return std::move(guessed->stepped);
}

Result<SignInService::Guess> SignInService::guess(db::Transaction& tx, Flow flow, const std::string& code,
                                                  const Client& client) {
    if (flow.failures >= limits::kFlowCodeFailures) {
        return failure(Error{.kind = ErrorKind::too_many,
                             .message_id = "too_many_tries",
                             .retry_after = std::chrono::seconds(limits::kSecondStepSlowWait)});
    }
    std::optional<SecondStep> method;
    if (flow.registering()) {
        TRY(throttles_.attempt(tx, registration_buckets(flow.account), client.now));
    } else {
        method = TRY(steps_.lock_for_guess(tx, flow.method, flow.account, client.now));
    }
    const auto totp_step = accept_code(tx, flow, method ? &*method : nullptr, code, client);
    if (!totp_step && totp_step.error().kind == ErrorKind::invalid) {
        TRY(flows_.count_wrong(tx, flow.id));
        if (method) {
            TRY(steps_.count_wrong(tx, method->id, client.now));
        }
        return Guess{.wrong = totp_step.error()};
    }
    if (!totp_step) {
        return failure(totp_step.error());
    }
    if (flow.registering()) {
        TRY(throttles_.forgive(tx, registration_buckets(flow.account)));
    }
    auto stepped = TRY(after_code(tx, std::move(flow), *totp_step, client));
    return Guess{.wrong = std::nullopt, .stepped = std::move(stepped)};
}

Result<Stepped> SignInService::after_code(db::Transaction& tx, Flow flow, std::int64_t totp_step,
                                          const Client& client) {
    const FlowState from = flow.state;
    flow.totp_step = totp_step;
    flow.code_digest.clear();
    const bool by_passkey = from == FlowState::passkey || from == FlowState::register_passkey;
    // Locked first: a reset that runs meanwhile ends the session made here, or is seen here (S5).
    const auto credentials = TRY(parts_.credentials.lock(tx, flow.account));
    if (!credentials || credentials->state == accounts::AccountState::suspended ||
        credentials->state == accounts::AccountState::closed || !credentials->organization_open) {
        return failure(ErrorKind::forbidden, "account_suspended");
    }
    const bool password_stands = flow.by_initial_password ? credentials->initial_digest == flow.initial_digest
                                                          : credentials->password_phc.has_value();
    if (!password_stands) {
        return failure(ErrorKind::unauthenticated, "flow_lost", "the password was reset since this flow checked it");
    }
    const bool expired = flow.purpose == FlowPurpose::sign_in && from != FlowState::passkey_alone &&
                         password_expired(*credentials, client.now);
    flow.state = TRY(advance(from, by_passkey ? FlowEvent::passkey_right : FlowEvent::code_right,
                             {.has_second_step = true, .must_replace_password = flow.by_initial_password || expired}));
    TRY(save(tx, flow, from));
    if (flow.purpose != FlowPurpose::sign_in) {
        return finish_for_session(tx, flow, *credentials, client);
    }
    if (flow.state == FlowState::signed_in) {
        if (flow.registering()) {
            TRY(bind_method(tx, flow, *credentials, client));
        }
        return sign_in(tx, flow, *credentials, client);
    }
    SecretText token = parts_.entropy.token();
    TRY(flows_.rotate(tx, flow.id, flow_digest(token)));
    return Stepped{.state = flow.state, .flow_token = std::move(token), .account = flow.account};
}

}  // namespace madoguchi::signin
