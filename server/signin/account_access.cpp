#include "signin/account_access.hpp"

#include "base/limits.hpp"
#include "crypto/one_time_secrets.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::signin {

Result<std::vector<accounts::SecondStepSummary>> AccountAccess::second_steps(db::Transaction& tx,
                                                                             AccountId account) const {
    std::vector<accounts::SecondStepSummary> out;
    for (const auto& step : TRY(steps_.list(tx, account))) {
        out.push_back({step.id, std::string(to_text(step.kind)), shown_name(step), step.is_default, step.disabled,
                       step.registered_at, step.last_used_at});
    }
    return out;
}

Result<void> AccountAccess::end_sessions(db::Transaction& tx, AccountId account, const std::string& reason,
                                         Instant now) const {
    TRY(sessions_.end_all(tx, account, reason, now));
    return {};
}

Result<void> AccountAccess::remove_second_steps(db::Transaction& tx, AccountId account, Instant now) const {
    TRY(steps_.remove_all(tx, account, now));
    return {};
}

Result<void> AccountAccess::unlock(db::Transaction& tx, AccountId account, const std::string& login_id) const {
    TRY(throttles_.clear(tx, account_bucket(token_key_, login_id)));
    TRY(throttles_.clear(tx,
                         crypto::digest_lookup(token_key_, "throttle-registration", std::to_string(account.value))));
    return steps_.forget_failures(tx, account);
}

Result<void> AccountAccess::announce(db::Transaction& tx, const accounts::Account& account, accounts::Announcement what,
                                     Instant now) const {
    const std::string id = what == accounts::Announcement::password_reset ? "password_reset" : "second_step_reset";
    const auto steps = TRY(steps_.list(tx, account.id));
    const auto by_phone =
        std::ranges::find_if(steps, [](const SecondStep& step) { return signin::by_phone(step.kind); });
    if (by_phone == steps.end()) {
        return {};
    }
    const bool sms = by_phone->phone_mobile;
    const messages::NewMessage message{
        .idempotency_key = id + ":" + std::to_string(account.id.value) + ":" + std::to_string(to_microseconds(now)),
        .kind = sms ? gateway::MessageKind::sms : gateway::MessageKind::voice,
        .purpose = id,
        .account = account.id,
        .phone_sealed = by_phone->phone_sealed,
        .phone_masked = by_phone->phone_masked,
        .phone_digest = by_phone->phone_digest,
        .text = SecretText(texts_.text("message.sms." + id, Locale::ja, {{"login_id", account.login_id}})),
        .locale = Locale::ja,
        .source = "",
        .expires_at = now + limits::kNoticeLife};
    TRY(messages_.queue_notice(tx, message, now));
    message_queued_();
    return {};
}

}  // namespace madoguchi::signin
