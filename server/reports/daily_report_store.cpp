#include "reports/daily_report_store.hpp"

#include <algorithm>

namespace madoguchi::reports {
namespace {

// One statement with one wait at most: whoever comes second waits for the first one's commit and then inserts nothing.
constexpr db::Query kInsert = {"report.insert", R"(
    insert into reports (prefecture_code, organization_id, organization_path, organization_kind, report_date, version, kind,
                         age_0, age_1_4, age_5_9, age_10, age_20, age_30, age_40, age_50, age_60_64, age_65_69, age_70, age_80,
                         age_90, age_unknown, reason, account_id, account_name, channel, opened_at, submitted_at, deadline_at,
                         idempotency_key, receipt_number, warnings, proxy_organization_id, proxy_organization_name, received_by,
                         received_at, received_note)
    select coalesce(o.prefecture_code, 0), o.id, o.path, o.kind, cast(:date as date), cast(:version as integer), cast(:kind as text),
           c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10], c[11], c[12], c[13], c[14], cast(:reason as text), cast(:account as bigint),
           cast(:account_name as text), cast(:channel as text), instant(:opened_at), instant(:now), instant(:deadline_at), cast(:key as text),
           cast(:day as text) || '-' || lpad(nextval('report_receipts')::text, 6, '0'), cast(:warnings as jsonb),
           cast(:proxy as bigint), cast(:proxy_name as text), cast(:received_by as text), instant(cast(:received_at as bigint)),
           cast(:received_note as text)
    from organizations o, (select cast(:counts as integer[]) as c) as given
    where o.id = :organization
    on conflict do nothing
    returning id, receipt_number)"};

constexpr db::Query kInsertAdjustment = {"report.insert_adjustment", R"(
    insert into report_adjustments (prefecture_code, organization_id, organization_path, report_id, report_date, adjusted_date,
                                    age_0, age_1_4, age_5_9, age_10, age_20, age_30, age_40, age_50, age_60_64, age_65_69, age_70,
                                    age_80, age_90, age_unknown, reason, account_id, account_name, submitted_at)
    select coalesce(o.prefecture_code, 0), o.id, o.path, cast(:report as bigint), cast(:date as date), cast(:adjusted as date),
           c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10], c[11], c[12], c[13], c[14], cast(:reason as text), cast(:account as bigint),
           cast(:account_name as text), instant(:now)
    from organizations o, (select cast(:counts as integer[]) as c) as given
    where o.id = :organization)"};

constexpr db::Query kFindByKey = {"report.find_by_key", R"(
    select r.*, o.name as organization_name, us(r.opened_at) as opened, us(r.submitted_at) as submitted, us(r.deadline_at) as deadline, us(r.received_at) as received
    from organizations o join reports r on r.prefecture_code = coalesce(o.prefecture_code, 0) and r.organization_id = o.id
    where o.id = :organization and r.idempotency_key = :key)"};

constexpr db::Query kFindByReceipt = {"report.find_by_receipt", R"(
    select r.*, o.name as organization_name, us(r.opened_at) as opened, us(r.submitted_at) as submitted, us(r.deadline_at) as deadline, us(r.received_at) as received
    from organizations o join reports r on r.prefecture_code = coalesce(o.prefecture_code, 0) and r.organization_id = o.id
    where o.id = :organization and r.receipt_number = :receipt)"};

constexpr db::Query kFindLatest = {"report.find_latest", R"(
    select r.*, o.name as organization_name, us(r.opened_at) as opened, us(r.submitted_at) as submitted, us(r.deadline_at) as deadline, us(r.received_at) as received
    from organizations o join reports r on r.prefecture_code = coalesce(o.prefecture_code, 0) and r.organization_id = o.id
    where o.id = :organization and r.report_date = cast(:date as date) order by r.version desc limit 1)"};

constexpr db::Query kList = {"report.list", R"(
    select r.*, o.name as organization_name, us(r.opened_at) as opened, us(r.submitted_at) as submitted, us(r.deadline_at) as deadline, us(r.received_at) as received
    from organizations o join reports r on r.prefecture_code = coalesce(o.prefecture_code, 0) and r.organization_id = o.id
    where o.id = :organization and r.report_date between cast(:from as date) and cast(:to as date)
    order by r.report_date desc, r.version desc)"};

// Of each day the version that counts, and of that what a new report is compared with.
constexpr db::Query kPastDays = {"report.past_days", R"(
    select distinct on (r.report_date) r.report_date, r.kind, r.age_0, r.age_1_4, r.age_5_9, r.age_10, r.age_20, r.age_30, r.age_40, r.age_50,
           r.age_60_64, r.age_65_69, r.age_70, r.age_80, r.age_90, r.age_unknown
    from organizations o join reports r on r.prefecture_code = coalesce(o.prefecture_code, 0) and r.organization_id = o.id
    where o.id = :organization and r.report_date between cast(:from as date) and cast(:to as date)
    order by r.report_date desc, r.version desc)"};

constexpr db::Query kAdjustments = {"report.adjustments", R"(
    select a.* from organizations o join report_adjustments a on a.prefecture_code = coalesce(o.prefecture_code, 0) and a.organization_id = o.id
    where o.id = :organization and a.adjusted_date >= cast(:from as date) order by a.report_date, a.adjusted_date)"};

constexpr db::Query kFirstDay = {"report.first_day", R"(
    select min(r.report_date)::text as day
    from organizations o join reports r on r.prefecture_code = coalesce(o.prefecture_code, 0) and r.organization_id = o.id
    where o.id = :organization)"};

constexpr db::Query kFindDraft = {"report.find_draft", R"(
    select d.*, o.name as organization_name, us(d.opened_at) as opened, us(d.saved_at) as saved, us(d.submitted_at) as submitted
    from organizations o join report_drafts d on d.prefecture_code = coalesce(o.prefecture_code, 0) and d.organization_id = o.id
    where o.id = :organization and d.report_date = cast(:date as date))"};

constexpr db::Query kLockDraft = {"report.lock_draft", R"(
    select d.*, o.name as organization_name, us(d.opened_at) as opened, us(d.saved_at) as saved, us(d.submitted_at) as submitted
    from organizations o join report_drafts d on d.prefecture_code = coalesce(o.prefecture_code, 0) and d.organization_id = o.id
    where o.id = :organization and d.report_date = cast(:date as date) for update of d)"};

// Whoever opened an older state changes nothing: their version is not the stored one.
constexpr db::Query kSaveDraft = {"report.save_draft", R"(
    insert into report_drafts (prefecture_code, organization_id, organization_path, report_date, typed, total, opened_at, saved_at,
                               account_id, account_name)
    select coalesce(o.prefecture_code, 0), o.id, o.path, cast(:date as date), cast(:typed as jsonb), cast(:total as integer),
           instant(:opened_at), instant(:now), cast(:account as bigint), cast(:account_name as text)
    from organizations o where o.id = :organization
    on conflict (prefecture_code, organization_id, report_date) do update
        set typed = excluded.typed, total = excluded.total, saved_at = excluded.saved_at, account_id = excluded.account_id,
            account_name = excluded.account_name, version = report_drafts.version + 1
        where report_drafts.version = :seen and report_drafts.submitted_at is null
    returning version)"};

constexpr db::Query kOwnWaiting = {"report.own_waiting", R"(
    select d.*, o.name as organization_name, us(d.opened_at) as opened, us(d.saved_at) as saved, us(d.submitted_at) as submitted
    from organizations o join report_drafts d on d.prefecture_code = coalesce(o.prefecture_code, 0) and d.organization_id = o.id
    where o.id = :organization and d.submitted_at is null and d.report_date >= cast(:from as date)
    order by d.report_date)"};

constexpr db::Query kWaitingDrafts = {"report.waiting_drafts", R"(
    select d.*, o.name as organization_name, us(d.opened_at) as opened, us(d.saved_at) as saved, us(d.submitted_at) as submitted
    from report_drafts d join organizations o on o.id = d.organization_id
    where d.submitted_at is null and d.report_date >= cast(:from as date)
    order by d.report_date, d.saved_at limit :limit)"};

constexpr db::Query kCountWaiting = {"report.count_waiting", R"(
    select count(*) as waiting from report_drafts where submitted_at is null and report_date >= cast(:from as date))"};

constexpr db::Query kForgetDrafts = {"report.forget_drafts", R"(
    delete from report_drafts where report_date < cast(:before as date))"};

std::vector<std::int64_t> as_array(const AgeBandCounts& counts) {
    return {counts.of.begin(), counts.of.end()};
}

AgeBandCounts counts_of(const db::Row& row) {
    AgeBandCounts counts;
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        counts.of.at(band) = row.get<std::int64_t>(kBandNames.at(band));
    }
    return counts;
}

ReportDate date_of(const db::Row& row, std::string_view column) {
    return report_date(row.get<std::string>(column)).value_or(ReportDate{});
}

std::optional<ProxyEntry> proxy_of(const db::Row& row) {
    const auto organization = row.get<std::optional<std::int64_t>>("proxy_organization_id");
    if (!organization) {
        return std::nullopt;
    }
    return ProxyEntry{.organization = {*organization},
                      .organization_name = row.get<std::string>("proxy_organization_name"),
                      .by = received_by(row.get<std::string>("received_by")).value_or(ReceivedBy::other),
                      .received_at = row.get<Instant>("received"),
                      .note = row.get<std::string>("received_note")};
}

Draft draft_of(const db::Row& row) {
    return {.organization = row.get<OrganizationId>("organization_id"),
            .organization_name = row.get<std::string>("organization_name"),
            .date = date_of(row, "report_date"),
            .version = row.get<int>("version"),
            .typed = typed_from(nlohmann::json::parse(row.get<std::string>("typed"))),
            .total = row.get<std::int64_t>("total"),
            .opened_at = row.get<Instant>("opened"),
            .saved_at = row.get<Instant>("saved"),
            .account = row.get<AccountId>("account_id"),
            .account_name = row.get<std::string>("account_name"),
            .submitted_at = row.get<std::optional<Instant>>("submitted")};
}

std::vector<Draft> drafts_of(const std::vector<db::Row>& rows) {
    std::vector<Draft> out;
    std::ranges::transform(rows, std::back_inserter(out), draft_of);
    return out;
}

template <class T, class Make>
std::optional<T> maybe(const std::optional<db::Row>& row, Make make) {
    return row ? std::optional<T>(make(*row)) : std::nullopt;
}

struct ProxyColumns {
    std::optional<std::int64_t> organization;
    std::string organization_name;
    std::optional<std::string> by;
    std::optional<Instant> received_at;
    std::string note;
};

ProxyColumns proxy_columns(const std::optional<ProxyEntry>& proxy) {
    if (!proxy) {
        return {};
    }
    return {proxy->organization.value, proxy->organization_name, std::string(to_text(proxy->by)), proxy->received_at,
            proxy->note};
}

TypedCounts texts_of(const nlohmann::json& json, const char* name) {
    TypedCounts out;
    const auto found = json.find(name);
    if (found != json.end() && found->is_array()) {
        for (std::size_t band = 0; band < std::min(kAgeBands, found->size()); ++band) {
            out.at(band) = found->at(band).get<std::string>();
        }
    }
    return out;
}

}  // namespace

Report report_of(const db::Row& row) {
    return {.id = row.get<std::int64_t>("id"),
            .organization = row.get<OrganizationId>("organization_id"),
            .organization_name = row.get<std::string>("organization_name"),
            .organization_path = row.get<std::string>("organization_path"),
            .date = date_of(row, "report_date"),
            .version = row.get<int>("version"),
            .kind = report_kind(row.get<std::string>("kind")).value_or(ReportKind::figures),
            .counts = counts_of(row),
            .reason = row.get<std::string>("reason"),
            .account = row.get<AccountId>("account_id"),
            .account_name = row.get<std::string>("account_name"),
            .channel = row.get<std::string>("channel"),
            .opened_at = row.get<Instant>("opened"),
            .submitted_at = row.get<Instant>("submitted"),
            .deadline_at = row.get<Instant>("deadline"),
            .late = row.get<bool>("late"),
            .key = row.get<std::string>("idempotency_key"),
            .receipt = row.get<std::string>("receipt_number"),
            .warnings = nlohmann::json::parse(row.get<std::string>("warnings")),
            .proxy = proxy_of(row),
            .review_state = row.get<std::string>("review_state"),
            .review_note = row.get<std::string>("review_note")};
}

std::string reporter_of(const Report& report) {
    return report.proxy ? report.account_name + "（" + report.proxy->organization_name + "）" : report.account_name;
}

Typed nothing_typed() {
    Typed typed;
    typed.bands.fill("0");
    return typed;
}

nlohmann::json to_json(const Typed& typed) {
    return {{"bands", typed.bands},
            {"again", typed.again},
            {"total_again", typed.total_again},
            {"adjusted_date", typed.adjusted_date},
            {"differences", typed.differences},
            {"adjustment_reason", typed.adjustment_reason}};
}

Typed typed_from(const nlohmann::json& json) {
    return {.bands = texts_of(json, "bands"),
            .again = texts_of(json, "again"),
            .total_again = json.value("total_again", ""),
            .adjusted_date = json.value("adjusted_date", ""),
            .differences = texts_of(json, "differences"),
            .adjustment_reason = json.value("adjustment_reason", "")};
}

Result<std::optional<Report>> DailyReportStore::insert(db::Transaction& tx, const Report& report) const {
    const std::string day = receipt_number(report.submitted_at, 0).substr(0, 8);
    const ProxyColumns as = proxy_columns(report.proxy);
    const auto row = TRY(tx.maybe_one(kInsert, to_text(report.date), report.version, to_text(report.kind),
                                      report.reason, report.account, report.account_name, report.channel,
                                      report.opened_at, report.submitted_at, report.deadline_at, report.key, day,
                                      report.warnings.dump(), as.organization, as.organization_name, as.by,
                                      as.received_at, as.note, as_array(report.counts), report.organization));
    if (!row) {
        return std::nullopt;
    }
    Report stored = report;
    stored.id = row->get<std::int64_t>("id");
    stored.receipt = row->get<std::string>("receipt_number");
    stored.late = (report.proxy ? report.proxy->received_at : report.submitted_at) > report.deadline_at;
    return stored;
}

Result<void> DailyReportStore::insert_adjustment(db::Transaction& tx, const Report& report,
                                                 const Adjustment& adjustment) const {
    TRY(tx.execute(kInsertAdjustment, report.id, to_text(report.date), to_text(adjustment.date), adjustment.reason,
                   report.account, report.account_name, report.submitted_at, as_array(adjustment.differences),
                   report.organization));
    return {};
}

Result<std::optional<Report>> DailyReportStore::find_by_key(db::Transaction& tx, OrganizationId organization,
                                                            const std::string& key) const {
    return maybe<Report>(TRY(tx.maybe_one(kFindByKey, organization, key)), report_of);
}

Result<std::optional<Report>> DailyReportStore::find_by_receipt(db::Transaction& tx, OrganizationId organization,
                                                                const std::string& receipt) const {
    return maybe<Report>(TRY(tx.maybe_one(kFindByReceipt, organization, receipt)), report_of);
}

Result<std::optional<Report>> DailyReportStore::find_latest(db::Transaction& tx, OrganizationId organization,
                                                            ReportDate date) const {
    return maybe<Report>(TRY(tx.maybe_one(kFindLatest, organization, to_text(date))), report_of);
}

Result<std::vector<Report>> DailyReportStore::list(db::Transaction& tx, OrganizationId organization, ReportDate from,
                                                   ReportDate to) const {
    std::vector<Report> out;
    for (const auto& row : TRY(tx.many(kList, organization, to_text(from), to_text(to)))) {
        out.push_back(report_of(row));
    }
    return out;
}

Result<std::vector<PastDay>> DailyReportStore::past_days(db::Transaction& tx, OrganizationId organization,
                                                         ReportDate from, ReportDate to) const {
    std::vector<PastDay> out;
    for (const auto& row : TRY(tx.many(kPastDays, organization, to_text(from), to_text(to)))) {
        out.push_back({date_of(row, "report_date"),
                       report_kind(row.get<std::string>("kind")).value_or(ReportKind::figures), counts_of(row)});
    }
    return out;
}

Result<std::vector<BookedAdjustment>> DailyReportStore::adjustments(db::Transaction& tx, OrganizationId organization,
                                                                    ReportDate from) const {
    std::vector<BookedAdjustment> out;
    for (const auto& row : TRY(tx.many(kAdjustments, organization, to_text(from)))) {
        out.push_back({.booked_with = date_of(row, "report_date"),
                       .adjustment = {.date = date_of(row, "adjusted_date"),
                                      .differences = counts_of(row),
                                      .reason = row.get<std::string>("reason")},
                       .account_name = row.get<std::string>("account_name")});
    }
    return out;
}

Result<std::optional<ReportDate>> DailyReportStore::first_day(db::Transaction& tx, OrganizationId organization) const {
    const auto day = TRY(tx.one(kFirstDay, organization)).get<std::optional<std::string>>("day");
    return day ? report_date(*day) : std::nullopt;
}

Result<std::optional<Draft>> DailyReportStore::find_draft(db::Transaction& tx, OrganizationId organization,
                                                          ReportDate date) const {
    return maybe<Draft>(TRY(tx.maybe_one(kFindDraft, organization, to_text(date))), draft_of);
}

Result<std::optional<Draft>> DailyReportStore::lock_draft(db::Transaction& tx, OrganizationId organization,
                                                          ReportDate date) const {
    return maybe<Draft>(TRY(tx.maybe_one(kLockDraft, organization, to_text(date))), draft_of);
}

Result<std::optional<int>> DailyReportStore::save_draft(db::Transaction& tx, const Draft& draft) const {
    const auto row =
        TRY(tx.maybe_one(kSaveDraft, to_text(draft.date), to_json(draft.typed).dump(), draft.total, draft.opened_at,
                         draft.saved_at, draft.account, draft.account_name, draft.organization, draft.version));
    return row ? std::optional(row->get<int>("version")) : std::nullopt;
}

Result<std::vector<Draft>> DailyReportStore::own_waiting(db::Transaction& tx, OrganizationId organization,
                                                         ReportDate from) const {
    return drafts_of(TRY(tx.many(kOwnWaiting, organization, to_text(from))));
}

Result<std::vector<Draft>> DailyReportStore::waiting_drafts(db::Transaction& tx, ReportDate from, int limit) const {
    return drafts_of(TRY(tx.many(kWaitingDrafts, to_text(from), limit)));
}

Result<std::int64_t> DailyReportStore::count_waiting(db::Transaction& tx, ReportDate from) const {
    return TRY(tx.one(kCountWaiting, to_text(from))).get<std::int64_t>("waiting");
}

Result<void> DailyReportStore::forget_drafts(db::Transaction& tx, ReportDate before) const {
    TRY(tx.execute(kForgetDrafts, to_text(before)));
    return {};
}

}  // namespace madoguchi::reports
