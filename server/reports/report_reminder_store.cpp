#include "reports/report_reminder_store.hpp"

namespace madoguchi::reports {
namespace {

constexpr db::Query kTake = {"report_reminder.take", R"(
    update report_drafts d set reminded_at = instant(:now)
    from accounts a, organizations o
    where a.id = d.account_id and o.id = d.organization_id
      and (d.prefecture_code, d.organization_id, d.report_date) in (
          select w.prefecture_code, w.organization_id, w.report_date
          from report_drafts w join accounts by on by.id = w.account_id
          where w.submitted_at is null and w.reminded_at is null and w.report_date = cast(:date as date)
            and w.saved_at < instant(:idle_since) and by.state = 'active'
          order by w.saved_at limit :limit for update of w skip locked)
    returning d.account_id, a.login_id, o.name, d.organization_path, d.total)"};

}  // namespace

Result<std::vector<ForgottenDraft>> ReportReminderStore::take(db::Transaction& tx, ReportDate date, Instant idle_since,
                                                              int limit, Instant now) const {
    std::vector<ForgottenDraft> out;
    for (const auto& row : TRY(tx.many(kTake, now, to_text(date), idle_since, limit))) {
        out.push_back({.account = row.get<AccountId>("account_id"),
                       .login_id = row.get<std::string>("login_id"),
                       .organization_name = row.get<std::string>("name"),
                       .organization_path = row.get<std::string>("organization_path"),
                       .total = row.get<std::int64_t>("total")});
    }
    return out;
}

}  // namespace madoguchi::reports
