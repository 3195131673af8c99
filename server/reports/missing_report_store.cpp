#include "reports/missing_report_store.hpp"

namespace madoguchi::reports {
namespace {

constexpr db::Query kReachable = {"missing_report.reachable", R"(
    select a.id, a.login_id from accounts a
    where a.state = 'active'
      and exists (select 1 from grants g
                  where g.account_id = a.id and g.organization_id = cast(:organization as bigint) and g.role = any (cast(:roles as text[]))
                    and g.revoked_at is null and g.valid_from <= instant(:now) and (g.valid_until is null or g.valid_until > instant(:now)))
      and exists (select 1 from second_steps s where s.account_id = a.id and s.removed_at is null and s.phone_digest is not null)
    order by a.id limit :limit)"};

constexpr db::Query kReminded = {"missing_report.reminded", R"(
    select us(reminded_at) as at, reminded_by_name from report_reminders
    where organization_id = :organization and reminded_on = cast(:today as date))"};

constexpr db::Query kInsert = {"missing_report.insert", R"(
    insert into report_reminders (organization_id, organization_path, reminded_on, reminded_at, reminded_by, reminded_by_name, people)
    select o.id, o.path, cast(:today as date), instant(:now), cast(:by as bigint), cast(:by_name as text), cast(:people as integer)
    from organizations o where o.id = :organization
    on conflict do nothing)"};

}  // namespace

Result<std::vector<Reachable>> MissingReportStore::reachable(db::Transaction& tx, OrganizationId organization,
                                                             const std::vector<std::string>& roles, int limit,
                                                             Instant now) const {
    std::vector<Reachable> out;
    for (const auto& row : TRY(tx.many(kReachable, organization, roles, now, limit))) {
        out.push_back({row.get<AccountId>("id"), row.get<std::string>("login_id")});
    }
    return out;
}

Result<std::optional<RemindedToday>> MissingReportStore::reminded(db::Transaction& tx, OrganizationId organization,
                                                                  ReportDate today) const {
    const auto row = TRY(tx.maybe_one(kReminded, organization, to_text(today)));
    return row ? std::optional(RemindedToday{row->get<Instant>("at"), row->get<std::string>("reminded_by_name")})
               : std::nullopt;
}

Result<bool> MissingReportStore::insert(db::Transaction& tx, OrganizationId organization, ReportDate today, int people,
                                        AccountId by, const std::string& by_name, Instant now) const {
    return TRY(tx.execute(kInsert, to_text(today), now, by, by_name, people, organization)) == 1;
}

}  // namespace madoguchi::reports
