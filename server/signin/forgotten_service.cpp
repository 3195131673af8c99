#include "signin/forgotten_service.hpp"

#include <array>

#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "crypto/hmac.hpp"
#include "crypto/one_time_secrets.hpp"
#include "crypto/totp.hpp"

namespace madoguchi::signin {
namespace {

constexpr std::string_view kSeedContext = "totp-seed";
constexpr const char* kAction = "password.forgotten";

tl::unexpected<Error> lost() {
    return failure(ErrorKind::unauthenticated, "flow_lost");
}

bool well_formed(const std::string& key) {
    const auto at = key.find('@');
    return key.size() <= limits::kLoginIdBytes && at != std::string::npos && at == key.rfind('@') && at != 0 &&
           at != key.size() - 1;
}

bool by_phone(ForgottenWay way) {
    return way == ForgottenWay::sms || way == ForgottenWay::voice;
}

bool may_recover(const accounts::Credentials& credentials) {
    return credentials.state == accounts::AccountState::active && credentials.organization_open;
}

}  // namespace

std::string forgotten_bucket(const SecretText& token_key, const std::string& login_key) {
    return crypto::digest_lookup(token_key, "throttle-forgotten", login_key);
}

std::string ForgottenService::digest_of(const SecretText& token) const {
    return crypto::digest_token(parts_.token_key, "forgotten", token);
}

std::string ForgottenService::code_digest(const Forgotten& forgotten, std::string_view code) const {
    return crypto::digest_code(parts_.token_key, "forgotten:" + std::to_string(forgotten.id), code);
}

Actor ForgottenService::actor(const Client& client, const std::optional<accounts::Credentials>& credentials) const {
    Actor actor = Actor::system();
    actor.name = credentials ? credentials->login_id : "anonymous";
    actor.account = credentials ? credentials->id : AccountId{};
    actor.source = client.source;
    actor.request_id = client.request_id;
    actor.channel = client.channel;
    return actor;
}

audit::Entry ForgottenService::entry(const Forgotten& forgotten,
                                     const std::optional<accounts::Credentials>& credentials) const {
    return {.action = kAction,
            .organization_path = credentials ? credentials->organization.path : std::string(audit::kNobodysPath),
            .target_kind = "account",
            .target_id = credentials ? credentials->id.value : 0,
            .target_name = forgotten.login_key,
            .before = {{"way", to_text(forgotten.way)}}};
}

Result<SecretText> ForgottenService::start(const std::string& typed_login_id, ForgottenWay way, const Client& client) {
    const std::string key = fold_login_id(typed_login_id);
    if (key.empty()) {
        return invalid_field("login_id", "required");
    }
    if (!well_formed(key)) {
        return invalid_field("login_id", "login_id_format");
    }
    SecretText token = parts_.entropy.token();
    const std::array<Bucket, 1> bucket = {
        {{crypto::digest_lookup(parts_.token_key, "throttle-forgotten-source", client.source),
          limits::kForgottenPerSourceHour}}};
    TRY(parts_.database.transact(actor(client, {}), [&](db::Transaction& tx) -> Result<void> {
        TRY(throttles_.attempt(tx, bucket, client.now));
        return store_.insert(tx,
                             {.login_key = key,
                              .way = way,
                              .state = by_phone(way) ? ForgottenState::asked : ForgottenState::proving,
                              .locale = client.locale,
                              .source = client.source,
                              .created_at = client.now,
                              .expires_at = client.now + limits::kForgottenLife},
                             digest_of(token));
    }));
    return token;
}

Result<Forgotten> ForgottenService::view(const SecretText& token, Instant now) {
    auto found = TRY(parts_.database.transact(
        Actor::system(), [&](db::Transaction& tx) { return store_.find(tx, digest_of(token), now); }));
    if (!found) {
        return lost();
    }
    return std::move(*found);
}

// --- the worker ---

Result<int> ForgottenService::send_asked(Instant now) {
    int looked_at = 0;
    for (bool more = true; more && looked_at < limits::kForgottenBatch;) {
        more = TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<bool> {
            const auto asked = TRY(store_.lock_asked(tx, now));
            if (asked) {
                TRY(send_one(tx, *asked, now));
            }
            return asked.has_value();
        }));
        looked_at += more ? 1 : 0;
    }
    if (looked_at > 0) {
        parts_.message_queued();
    }
    return looked_at;
}

Result<void> ForgottenService::send_one(db::Transaction& tx, const Forgotten& forgotten, Instant now) {
    const auto credentials = TRY(parts_.credentials.find(tx, forgotten.login_key));
    const auto steps =
        credentials && may_recover(*credentials) ? TRY(steps_.list(tx, credentials->id)) : std::vector<SecondStep>();
    const auto phone = std::ranges::find_if(steps, [&](const SecondStep& step) {
        const bool reachable = forgotten.way == ForgottenWay::voice || step.phone_mobile;
        return !step.disabled && !step.phone_digest.empty() && reachable;
    });
    const SecretText code = parts_.entropy.digits(limits::kCodeDigits);
    const auto sent = phone == steps.end() ? std::optional<MessageId>()
                                           : TRY(queue_code(tx, forgotten, *credentials, *phone, code, now));
    if (!sent) {
        return store_.prove_with(tx, forgotten.id, "", "", std::nullopt);
    }
    return store_.prove_with(tx, forgotten.id, phone->phone_digest, code_digest(forgotten, code.reveal()),
                             now + limits::kCodeLife);
}

Result<std::optional<MessageId>> ForgottenService::queue_code(db::Transaction& tx, const Forgotten& forgotten,
                                                              const accounts::Credentials& credentials,
                                                              const SecondStep& phone, const SecretText& code,
                                                              Instant now) {
    // A cap of its own: a stranger who knows an ID must not use up the messages that its owner needs to sign in.
    if (TRY(store_.messages_since(tx, credentials.id, now - std::chrono::hours(24))) >=
        limits::kForgottenMessagesPerAccountDay) {
        return std::optional<MessageId>();
    }
    const bool sms = forgotten.way == ForgottenWay::sms;
    const auto minutes = std::to_string(std::chrono::minutes(limits::kCodeLife).count());
    const std::string text =
        sms ? parts_.texts.text("message.sms.forgotten_code", forgotten.locale,
                                {{"code", code.reveal()}, {"minutes", minutes}})
            : parts_.texts.text("message.voice.forgotten_code", forgotten.locale,
                                {{"code", render::spoken_digits(code.reveal(), forgotten.locale)}});
    const auto queued = parts_.messages.queue(tx,
                                              {.idempotency_key = "forgotten:" + std::to_string(forgotten.id),
                                               .kind = sms ? gateway::MessageKind::sms : gateway::MessageKind::voice,
                                               .purpose = "forgotten_code",
                                               .account = credentials.id,
                                               .phone_sealed = phone.phone_sealed,
                                               .phone_masked = phone.phone_masked,
                                               .phone_digest = phone.phone_digest,
                                               .text = SecretText(text),
                                               .locale = forgotten.locale,
                                               .source = forgotten.source,
                                               .expires_at = now + limits::kCodeLife},
                                              now);
    if (!queued && queued.error().kind != ErrorKind::too_many) {
        return failure(queued.error());
    }
    return queued ? std::optional(*queued) : std::nullopt;  // over a cap (S9): nobody is told, no code will be right
}

// --- the proof ---

Result<Forgotten> ForgottenService::count_proof(const SecretText& token, const Client& client) {
    std::optional<Forgotten> claimed;
    auto counted = parts_.database.transact(actor(client, {}), [&](db::Transaction& tx) -> Result<Forgotten> {
        claimed = TRY(store_.lock(tx, digest_of(token), client.now));
        if (!claimed) {
            return lost();
        }
        const auto known = TRY(parts_.credentials.find(tx, claimed->login_key));
        const std::array<Bucket, 1> bucket = {
            {{forgotten_bucket(parts_.token_key, claimed->login_key), limits::kForgottenFailuresPerAccount, "forgotten",
              known ? known->id : AccountId{}}}};
        if (!TRY(store_.count_proof(tx, claimed->id, limits::kForgottenFailures))) {
            return failure(Error{.kind = ErrorKind::too_many,
                                 .message_id = "too_many_tries",
                                 .retry_after = std::chrono::seconds(limits::kThrottleFirstWait)});
        }
        TRY(throttles_.attempt(tx, bucket, client.now));
        return *claimed;
    });
    if (!counted && claimed) {
        const auto credentials = TRY(parts_.database.transact(
            actor(client, {}), [&](db::Transaction& tx) { return parts_.credentials.find(tx, claimed->login_key); }));
        parts_.audit.refused(actor(client, {}), entry(*claimed, credentials), counted.error(), client.now);
    }
    return counted;
}

Result<void> ForgottenService::compare_totp(db::Transaction& tx, AccountId account, const std::string& code,
                                            Instant now) const {
    for (const auto& step : TRY(steps_.list(tx, account))) {
        if (step.kind != MethodKind::totp || step.disabled) {
            continue;
        }
        const auto seed = TRY(parts_.envelope.open(step.seed_sealed, kSeedContext));
        const auto matching = crypto::matching_step(seed, code, now, 0);
        if (matching) {
            return TRY(steps_.accept(tx, step.id, *matching, now)) ? Result<void>()
                                                                   : invalid_field("code", "code_used");
        }
    }
    return invalid_field("code", "wrong_code");
}

Result<void> ForgottenService::compare(db::Transaction& tx, const Forgotten& forgotten, AccountId account,
                                       const std::string& typed, Instant now) const {
    if (forgotten.way == ForgottenWay::recovery) {
        const auto code = spare_code(typed);
        const bool is_recovery = code && code->kind == SpareKind::recovery;
        const auto digest = is_recovery ? spare_code_digest(parts_.token_key, account, *code) : std::string();
        const auto use = TRY(spare_codes_.use_recovery_code(tx, account, digest, now));
        return use == SpareCodeUse::accepted ? Result<void>() : invalid_field("code", "wrong_code");
    }
    const std::string code = fold_digits(typed).value_or("");
    if (forgotten.way == ForgottenWay::totp) {
        return compare_totp(tx, account, code, now);
    }
    if (!crypto::equal_in_constant_time(code_digest(forgotten, code), forgotten.code_digest)) {
        return invalid_field("code", "wrong_code");
    }
    // Said only to whoever has the code: to others it is wrong like any other (S12).
    if (!forgotten.code_expires_at || *forgotten.code_expires_at <= now) {
        return invalid_field("code", "code_expired");
    }
    return {};
}

Result<ForgottenDone> ForgottenService::prove(const SecretText& token, const std::string& typed, const Client& client) {
    if (typed.empty()) {
        return invalid_field("code", "required");
    }
    const Forgotten claimed = TRY(count_proof(token, client));
    const auto credentials = TRY(parts_.database.transact(
        actor(client, {}), [&](db::Transaction& tx) { return parts_.credentials.find(tx, claimed.login_key); }));
    auto done = parts_.audit.audited(
        actor(client, {}), entry(claimed, credentials), client.now, [&](db::Transaction& tx) -> Result<ForgottenDone> {
            const auto forgotten = TRY(store_.lock(tx, digest_of(token), client.now));
            if (!forgotten) {
                return lost();
            }
            const bool known = credentials && may_recover(*credentials);
            TRY(compare(tx, *forgotten, known ? credentials->id : AccountId{}, typed, client.now));
            if (!known || !TRY(store_.finish(tx, forgotten->id))) {
                return invalid_field("code", "wrong_code");
            }
            return finish(tx, *forgotten, *credentials, actor(client, credentials), client.now);
        });
    if (done) {
        parts_.message_queued();
    }
    return done;
}

Result<ForgottenFacts> ForgottenService::facts(db::Transaction& tx, const Forgotten& forgotten,
                                               const accounts::Account& account) const {
    const auto steps = TRY(steps_.list(tx, account.id));
    ForgottenFacts facts{.may_sign_in = true};
    facts.has_phone = std::ranges::any_of(steps, [](const SecondStep& step) { return !step.phone_digest.empty(); });
    facts.has_other_phone = std::ranges::any_of(steps, [&](const SecondStep& step) {
        return !step.phone_digest.empty() && step.phone_digest != forgotten.phone_digest;
    });
    facts.administrator = std::ranges::any_of(
        account.grants, [](const directory::Grant& grant) { return directory::is_administrator(grant.role); });
    return facts;
}

Result<ForgottenDone> ForgottenService::finish(db::Transaction& tx, const Forgotten& forgotten,
                                               const accounts::Credentials& credentials, const Actor& actor,
                                               Instant now) {
    TRY(throttles_.clear(tx, forgotten_bucket(parts_.token_key, forgotten.login_key)));
    TRY(parts_.credentials.lock(tx, credentials.id));
    const auto account = TRY(parts_.accounts.find(tx, accounts::AccountKey(credentials.id), now));
    if (!account) {
        return lost();
    }
    ForgottenFacts known = TRY(facts(tx, forgotten, *account));
    known.second_step_reset_lately = accounts::reset_needs_approval(account->second_step_reset_at, now);
    const auto channel = channel_for(forgotten.way, known);
    if (!channel) {
        audit::Entry proven = entry(forgotten, credentials);
        proven.after = {{"reset_code_sent_to", nullptr}};
        TRY(parts_.audit.append(tx, actor, proven, now));
        return ForgottenDone{};
    }
    auto change = TRY(parts_.accounts.reset_by_phone(tx, actor, *account, forgotten.phone_digest, kAction, now));
    return ForgottenDone{std::move(change)};
}

Result<void> ForgottenService::forget_old(Instant now, std::chrono::days kept) {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<void> {
        TRY(store_.forget_old(tx, now - kept));
        return {};
    });
}

}  // namespace madoguchi::signin
