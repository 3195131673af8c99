#include "app/housekeeping.hpp"

#include "base/desk_limits.hpp"
#include "base/event_limits.hpp"
#include "base/limits.hpp"
#include "base/report_limits.hpp"
#include "base/retention_limits.hpp"

namespace madoguchi::app {

void Housekeeping::start() {
    thread_ = std::thread([this] { loop(); });
}

void Housekeeping::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
        seal();
    }
}

void Housekeeping::seal() {
    for (bool more = true; more;) {
        const auto sealed = audit_.seal_new(clock_.now());
        if (!sealed && sealed.error().kind != ErrorKind::unavailable) {
            log_.error("audit_seal_failed", {{"reason", sealed.error().message_id}, {"detail", sealed.error().detail}});
        }
        more = sealed && *sealed == limits::kAuditSealRows;
    }
}

void Housekeeping::look_for_unused(Instant now) {
    const auto ran = dormancy_.run_daily(now);
    if (!ran && ran.error().kind != ErrorKind::unavailable) {
        log_.error("unused_accounts_failed", {{"reason", ran.error().message_id}, {"detail", ran.error().detail}});
    } else if (ran && *ran) {
        log_.info("unused_accounts", {{"warned", (*ran)->warned}, {"suspended", (*ran)->suspended}});
    }
}

void Housekeeping::forget_ended(Instant now) {
    std::int64_t sessions = 0;
    std::int64_t messages = 0;
    for (bool more = true; more;) {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) {
                break;  // the rest is forgotten tomorrow
            }
        }
        const auto ended = sessions_.forget_old(now - retention_.sessions);
        const auto sent = messages_.forget_old(now - retention_.messages);
        if (!ended || !sent) {
            const Error& error = !ended ? ended.error() : sent.error();
            log_.warning("retention_failed", {{"reason", error.message_id}, {"detail", error.detail}});
            break;
        }
        sessions += *ended;
        messages += *sent;
        more = *ended == limits::kForgottenRows || *sent == limits::kForgottenRows;
        seal();  // deleting a year's rows takes minutes, and the log is sealed every second
    }
    log_.info("retention", {{"sessions", sessions}, {"messages", messages}});
}

void Housekeeping::remind_of_drafts(Instant now) {
    for (int reminded = limits::kDraftReminderBatch; reminded == limits::kDraftReminderBatch;) {
        const auto told = reminder_.remind(now);
        if (!told && told.error().kind != ErrorKind::unavailable) {
            log_.error("report_reminder_failed",
                       {{"reason", told.error().message_id}, {"detail", told.error().detail}});
        }
        reminded = told.value_or(0);
    }
}

void Housekeeping::loop() {
    Instant next_cleaning = clock_.now();
    Instant next_daily = next_cleaning;
    Instant next_forgetting = next_cleaning;
    for (;;) {
        seal();
        if (const auto sent = forgotten_.send_asked(clock_.now());
            !sent && sent.error().kind != ErrorKind::unavailable) {
            log_.error("forgotten_send_failed", {{"reason", sent.error().message_id}, {"detail", sent.error().detail}});
        }
        if (const Instant now = clock_.now(); now >= next_cleaning) {
            // Failing is no harm: it is tried again, and nothing depends on rows being gone.
            static_cast<void>(sign_in_.forget_old(now, retention_.flows));
            static_cast<void>(forgotten_.forget_old(now, retention_.flows));
            static_cast<void>(applications_.forget_old(now));
            static_cast<void>(reports_.forget_old(now));
            static_cast<void>(idempotency_.forget_old(now));
            static_cast<void>(webhooks_.forget_old(now - limits::kDeliveriesKept));
            next_cleaning = now + limits::kCleaningPoll;
        }
        if (const Instant now = clock_.now(); now >= next_daily) {
            look_for_unused(now);
            remind_of_drafts(now);
            next_daily = now + limits::kDailyTaskPoll;
        }
        if (const Instant now = clock_.now(); now >= next_forgetting) {
            forget_ended(now);
            next_forgetting = now + limits::kForgetPoll;
        }
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, limits::kAuditSealPoll, [&] { return stopping_; });
        if (stopping_) {
            return;
        }
    }
}

}  // namespace madoguchi::app
