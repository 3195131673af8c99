#include "signin/notice_service.hpp"

#include <set>

#include "base/limits.hpp"

namespace madoguchi::signin {

Result<int> NoticeService::tell(db::Transaction& tx, AccountId account, const std::string& login_id,
                                const std::string& what, render::TextValues values, Instant now,
                                const NoticeOptions& options) const {
    const Locale locale = TRY(credentials_.language(tx, account));
    values["login_id"] = login_id;
    if (options.method) {
        values["method"] = texts_.text("second_step." + std::string(to_text(*options.method)), locale);
    }
    std::set<std::string> told;
    for (const auto& step : TRY(steps_.list(tx, account))) {
        if (step.phone_digest.empty() || step.phone_digest == options.except_phone ||
            !told.insert(step.phone_digest).second) {
            continue;
        }
        const messages::NewMessage message{
            .idempotency_key = options.once.empty() ? what + ":" + entropy_.token().reveal()
                                                    : what + ":" + options.once + ":" + step.phone_digest,
            .kind = step.phone_mobile ? gateway::MessageKind::sms : gateway::MessageKind::voice,
            .purpose = what,
            .account = account,
            .phone_sealed = step.phone_sealed,
            .phone_masked = step.phone_masked,
            .phone_digest = step.phone_digest,
            .text = SecretText(texts_.text("message.sms." + what, locale, values)),
            .locale = locale,
            .source = "",
            .expires_at = now + limits::kNoticeLife};
        TRY(messages_.queue_notice(tx, message, now));
    }
    if (!told.empty()) {
        message_queued_();
    }
    return static_cast<int>(told.size());
}

}  // namespace madoguchi::signin
