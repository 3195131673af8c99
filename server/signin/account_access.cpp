#include "signin/account_access.hpp"

#include <array>

#include "base/limits.hpp"
#include "crypto/one_time_secrets.hpp"
#include "signin/forgotten_service.hpp"
#include "signin/sign_in_service.hpp"
#include "signin/spare_code.hpp"

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
    TRY(spare_codes_.end_recovery_codes(tx, account, now));
    return spare_codes_.end_access_codes(tx, account, now);
}

Result<void> AccountAccess::unlock(db::Transaction& tx, AccountId account, const std::string& login_id) const {
    const auto id = std::to_string(account.value);
    TRY(throttles_.clear(tx, account_bucket(parts_.token_key, login_id)));
    TRY(throttles_.clear(tx, forgotten_bucket(parts_.token_key, login_id)));
    for (const char* what : {"throttle-registration", "throttle-spare-code"}) {
        TRY(throttles_.clear(tx, crypto::digest_lookup(parts_.token_key, what, id)));
    }
    return steps_.forget_failures(tx, account);
}

Result<accounts::HandedCode> AccountAccess::make_access_code(db::Transaction& tx, const accounts::Account& account,
                                                             AccountId by, Instant now) const {
    const SpareCode code{SpareKind::access, make_spare_code(parts_.entropy, SpareKind::access)};
    const Instant expires_at = now + limits::kAccessCodeLife;
    TRY(spare_codes_.replace_access_code(tx,
                                         {.account = account.id,
                                          .organization_path = account.organization.path,
                                          .digest = spare_code_digest(parts_.token_key, account.id, code),
                                          .created_by = by,
                                          .expires_at = expires_at},
                                         now));
    return accounts::HandedCode{show_spare_code(code.folded), expires_at};
}

Result<std::optional<std::string>> AccountAccess::send_reset_code(db::Transaction& tx, const accounts::Account& account,
                                                                  const SecretText& shown,
                                                                  const std::string& proved_phone, Instant now) const {
    const auto steps = TRY(steps_.list(tx, account.id));
    const auto by_phone = [](const SecondStep& step) { return !step.phone_digest.empty(); };
    auto chosen = std::ranges::find_if(
        steps, [&](const SecondStep& step) { return by_phone(step) && step.phone_digest != proved_phone; });
    chosen = chosen == steps.end() ? std::ranges::find_if(steps, by_phone) : chosen;
    if (chosen == steps.end()) {
        return std::optional<std::string>();
    }
    // No cap on notices holds here: a script, or a caller who keeps a helpdesk busy, must not run up a bill (S9).
    const std::array<Bucket, 1> bucket = {
        {{crypto::digest_lookup(parts_.token_key, "throttle-reset-code", std::to_string(account.id.value)),
          limits::kForgottenMessagesPerAccountDay}}};
    TRY(throttles_.attempt(tx, bucket, now));
    const bool sms = chosen->phone_mobile;
    const auto hours =
        std::to_string(std::chrono::duration_cast<std::chrono::hours>(limits::kInitialPasswordByReset).count());
    std::string spoken = shown.reveal();
    std::erase(spoken, '-');
    const Locale locale = TRY(credentials_.language(tx, account.id));
    const std::string text =
        sms ? parts_.texts.text("message.sms.reset_code", locale,
                                {{"login_id", account.login_id}, {"code", shown.reveal()}, {"hours", hours}})
            : parts_.texts.text("message.voice.reset_code", locale,
                                {{"code", render::spoken_digits(spoken, locale)}, {"hours", hours}});
    TRY(parts_.messages.queue_notice(tx,
                                     {.idempotency_key = "reset_code:" + parts_.entropy.token().reveal(),
                                      .kind = sms ? gateway::MessageKind::sms : gateway::MessageKind::voice,
                                      .purpose = "reset_code",
                                      .account = account.id,
                                      .phone_sealed = chosen->phone_sealed,
                                      .phone_masked = chosen->phone_masked,
                                      .phone_digest = chosen->phone_digest,
                                      .text = SecretText(text),
                                      .locale = locale,
                                      .source = "",
                                      .expires_at = now + limits::kForgottenLife},
                                     now));
    // The other phones are told that there was one.
    TRY(parts_.notices.tell(tx, account.id, account.login_id, "password_reset", {}, now,
                            {.except_phone = chosen->phone_digest}));
    parts_.message_queued();
    return std::optional(chosen->phone_masked);
}

Result<void> AccountAccess::announce(db::Transaction& tx, const accounts::Account& account, accounts::Announcement what,
                                     Instant now) const {
    const char* id = what == accounts::Announcement::password_reset      ? "password_reset"
                     : what == accounts::Announcement::second_step_reset ? "second_step_reset"
                     : what == accounts::Announcement::unused            ? "account_unused"
                                                                         : "access_code_issued";
    TRY(parts_.notices.tell(tx, account.id, account.login_id, id, {}, now));
    return {};
}

}  // namespace madoguchi::signin
