#include "accounts/batch_store.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace madoguchi::accounts {
namespace {

constexpr std::size_t kRowsAtOnce = 4000;  // of one statement: a few megabytes of arrays

constexpr db::Query kInsert = {"batch.insert", R"(
    insert into batches (organization_id, organization_path, file_name, state, columns, created_at, created_by, created_by_name)
    values (:organization, :path, :file_name, 'checked', :columns, instant(:now), :by, :by_name) returning id)"};

constexpr db::Query kInsertRows = {"batch.insert_rows", R"(
    insert into batch_rows (batch_id, number, organization_path, typed, code, organization_name, family_name, given_name, family_kana,
                            given_kana, valid_from, valid_until, state, problems, organization_id, account_id)
    select cast(:batch as bigint), r.number, cast(:path as text), r.typed, r.code, r.organization_name, r.family_name, r.given_name, r.family_kana, r.given_kana,
           r.valid_from, r.valid_until, r.state, r.problems, nullif(r.organization_id, 0), nullif(r.account_id, 0)
    from unnest(cast(:numbers as integer[]), cast(:typed as text[]), cast(:codes as text[]), cast(:names as text[]),
                cast(:family_names as text[]), cast(:given_names as text[]), cast(:family_kana as text[]), cast(:given_kana as text[]),
                cast(:valid_from as text[]), cast(:valid_until as text[]),
                cast(:states as text[]), cast(:problems as text[]), cast(:organizations as bigint[]), cast(:accounts as bigint[]))
        as r (number, typed, code, organization_name, family_name, given_name, family_kana, given_kana, valid_from, valid_until, state, problems, organization_id,
              account_id))"};

constexpr db::Query kFind = {"batch.find", R"(
    select b.id, b.organization_id, o.kind, b.organization_path, o.name, b.file_name, b.state, b.columns, b.version, b.stopped_because,
           us(b.created_at) as created_at, b.created_by, b.created_by_name, us(b.started_at) as started_at,
           coalesce(b.started_by, 0) as started_by, b.started_by_name, b.request_id, b.source, us(b.finished_at) as finished_at
    from batches b join organizations o on o.id = b.organization_id where b.id = :id)"};

constexpr db::Query kLock = {"batch.lock", "select id from batches where id = :id for update"};

constexpr db::Query kList = {"batch.list", R"(
    select b.id, b.organization_id, o.kind, b.organization_path, o.name, b.file_name, b.state, b.columns, b.version, b.stopped_because,
           us(b.created_at) as created_at, b.created_by, b.created_by_name, us(b.started_at) as started_at,
           coalesce(b.started_by, 0) as started_by, b.started_by_name, b.request_id, b.source, us(b.finished_at) as finished_at
    from batches b join organizations o on o.id = b.organization_id
    where (cast(:before as bigint) = 0 or b.id < :before) and b.state <> 'dropped'
    order by b.id desc limit :limit)"};

constexpr db::Query kCounts = {"batch.counts", R"(
    select state, count(*) as rows from batch_rows where batch_id = :batch group by state)"};

constexpr db::Query kCountIn = {"batch.count_in", "select count(*) as batches from batches where state = :state"};

constexpr db::Query kRows = {"batch.rows", R"(
    select number, typed, code, organization_name, family_name, given_name, family_kana, given_kana, valid_from, valid_until, state, problems, accepted,
           coalesce(organization_id, 0) as organization_id, coalesce(account_id, 0) as account_id
    from batch_rows
    where batch_id = :batch and number > :after
      and case cast(:filter as text)
              when 'to_fix' then state in ('bad', 'warned') or (state = 'left_out' and problems <> '' and problems not like '%batch_nobody%')
              when 'folded' then typed <> cast(
                  case when valid_from = '' and valid_until = '' and jsonb_array_length(cast(typed as jsonb)) = 6
                       then jsonb_build_array(code, organization_name, family_name, given_name, family_kana, given_kana)
                       else jsonb_build_array(code, organization_name, family_name, given_name, family_kana, given_kana, valid_from, valid_until)
                  end as text)
              when 'failed' then state = 'failed'
              else true
          end
    order by number limit :limit)"};

// Rows of a batch that are changed together lie between the first and the last of them. Said so, because PostgreSQL
// takes a batch newer than its statistics for a single row, and would compare each row given with each row of the
// batch: minutes.
constexpr db::Query kUpdateRows = {"batch.update_rows", R"(
    update batch_rows set code = r.code, organization_name = r.organization_name, family_name = r.family_name, given_name = r.given_name,
           family_kana = r.family_kana, given_kana = r.given_kana, valid_from = r.valid_from, valid_until = r.valid_until, state = r.state, problems = r.problems, accepted = r.accepted,
           organization_id = nullif(r.organization_id, 0), account_id = nullif(r.account_id, 0)
    from unnest(cast(:numbers as integer[]), cast(:codes as text[]), cast(:names as text[]), cast(:family_names as text[]),
                cast(:given_names as text[]), cast(:family_kana as text[]), cast(:given_kana as text[]),
                cast(:valid_from as text[]), cast(:valid_until as text[]), cast(:states as text[]),
                cast(:problems as text[]), cast(:accepted as boolean[]), cast(:organizations as bigint[]), cast(:accounts as bigint[]))
        as r (number, code, organization_name, family_name, given_name, family_kana, given_kana, valid_from, valid_until, state, problems, accepted,
              organization_id, account_id)
    where batch_rows.batch_id = :batch and batch_rows.number between :first and :last and batch_rows.number = r.number)"};

constexpr db::Query kTouch = {"batch.touch", "update batches set version = version + 1 where id = :id"};

constexpr db::Query kSetState = {"batch.set_state", R"(
    update batches set state = :to, version = version + 1, stopped_because = :because,
           finished_at = case when :to = 'done' then instant(:now) else finished_at end
    where id = :id and state = :from and version = :version)"};

constexpr db::Query kStart = {"batch.start", R"(
    update batches set state = 'issuing', version = version + 1, stopped_because = '', started_at = coalesce(started_at, instant(:now)),
           started_by = :by, started_by_name = :name, request_id = :request_id, source = :source
    where id = :id and state = :from and version = :version)"};

constexpr db::Query kFacilities = {"batch.facilities", R"(
    select institution_code, id as organization_id, kind, path, name from organizations
    where institution_code = any (cast(:codes as text[])) and state = 'active')"};

constexpr db::Query kPeople = {"batch.people", R"(
    select organization_id, name_key, min(id) as id, min(login_id) as login_id from accounts
    where organization_id = any (cast(:organizations as bigint[])) and state <> 'closed'
    group by organization_id, name_key)"};

// Conditions on plain columns: only those may be answered by an index under row-level security.
constexpr db::Query kPeopleNamed = {"batch.people_named", R"(
    select organization_id, name_key, id, login_id from accounts
    where organization_id = any (cast(:organizations as bigint[])) and name_key = any (cast(:keys as text[])) and state <> 'closed')"};

constexpr db::Query kWithoutAccounts = {"batch.without_accounts", R"(
    select o.institution_code, o.name from organizations o
    where o.kind = 'facility' and o.state = 'active' and o.institution_code is not null
      and not exists (select 1 from accounts a where a.organization_id = o.id and a.state <> 'closed')
    order by o.institution_code limit :limit)"};

constexpr db::Query kLoginIds = {"batch.login_ids", R"(
    select batch_row, login_id from accounts where batch_id = :batch)"};

constexpr db::Query kTakeIssuing = {"batch.take_issuing", R"(
    select id from batches where state = 'issuing' order by id limit 1 for update skip locked)"};

constexpr db::Query kNextReady = {"batch.next_ready", R"(
    select number, code, organization_name, family_name, given_name, family_kana, given_kana, valid_from, valid_until, organization_id
    from batch_rows where batch_id = :batch and state = 'ready' order by number limit :limit)"};

constexpr db::Query kLoginNumbers = {"batch.login_numbers", R"(
    select nextval('login_numbers') as number from generate_series(1, cast(:count as integer)))"};

constexpr db::Query kPlaces = {"batch.places", R"(
    select id as organization_id, kind, path, name, coalesce(prefecture_code, 0)::integer as prefecture_code from organizations
    where id = any (cast(:organizations as bigint[])) and state = 'active')"};

constexpr db::Query kInsertAccounts = {"batch.insert_accounts", R"(
    insert into accounts (login_id, login_key, organization_id, organization_path, family_name, given_name, family_kana, given_kana,
                          search, created_at, created_by, letter_since, batch_id, batch_row)
    select r.login_id, r.login_id, o.id, o.path, r.family_name, r.given_name, r.family_kana, r.given_kana, r.search, instant(:now),
           cast(:by as bigint), instant(:now), cast(:batch as bigint), r.number
    from unnest(cast(:numbers as integer[]), cast(:login_ids as text[]), cast(:organizations as bigint[]), cast(:family_names as text[]),
                cast(:given_names as text[]), cast(:family_kana as text[]), cast(:given_kana as text[]), cast(:searches as text[]))
        as r (number, login_id, organization_id, family_name, given_name, family_kana, given_kana, search)
    join organizations o on o.id = r.organization_id and o.state = 'active'
    order by r.number
    on conflict (organization_id, name_key) where batch_id is not null and state <> 'closed' do nothing
    returning batch_row, id)"};

constexpr db::Query kFinishRows = {"batch.finish_rows", R"(
    update batch_rows set state = :state, account_id = nullif(r.account_id, 0), problems = :problems
    from unnest(cast(:numbers as integer[]), cast(:accounts as bigint[])) as r (number, account_id)
    where batch_rows.batch_id = :batch and batch_rows.number between :first and :last and batch_rows.number = r.number)"};

// --- texts that hold what has parts: what was typed, and what is wrong ---

// As PostgreSQL writes a jsonb array, so that the two can be compared. Without a period a row has six cells, as all of
// them had once.
std::string typed_text(const RowCells& cells) {
    const bool period = !at(cells, BatchColumn::valid_from).empty() || !at(cells, BatchColumn::valid_until).empty();
    const auto written = period ? kBatchColumns : static_cast<std::size_t>(BatchColumn::valid_from);
    std::string out;
    for (std::size_t i = 0; i < written; ++i) {
        out += (out.empty() ? "[" : ", ") + nlohmann::json(cells.at(i)).dump();
    }
    return out + "]";
}

RowCells typed_cells(const std::string& text) {
    RowCells cells;
    std::size_t place = 0;
    for (const auto& cell : nlohmann::json::parse(text)) {
        cells.at(place++) = cell.get<std::string>();
    }
    return cells;
}

std::string problems_text(const std::vector<RowProblem>& problems) {
    if (problems.empty()) {
        return {};
    }
    auto out = nlohmann::json::array();
    for (const auto& problem : problems) {
        out.push_back({{"column", to_text(problem.column)},
                       {"rule", problem.rule},
                       {"values", problem.values},
                       {"warning", problem.warning},
                       {"suggestion", problem.suggestion}});
    }
    return out.dump();
}

std::vector<RowProblem> problems_of(const std::string& text) {
    std::vector<RowProblem> out;
    if (text.empty()) {
        return out;
    }
    for (const auto& problem : nlohmann::json::parse(text)) {
        out.push_back({.column = batch_column(problem.at("column").get<std::string>()).value_or(BatchColumn::code),
                       .rule = problem.at("rule"),
                       .values = problem.at("values"),
                       .warning = problem.at("warning"),
                       .suggestion = problem.at("suggestion")});
    }
    return out;
}

RowCells cells_of(const db::Row& row) {
    RowCells cells;
    for (const auto column : kAllBatchColumns) {
        at(cells, column) = row.get<std::string>(to_text(column));
    }
    return cells;
}

directory::OrganizationRef organization_of(const db::Row& row, std::string_view path_column) {
    return {{row.get<std::int64_t>("organization_id")},
            directory::organization_kind(row.get<std::string>("kind")).value(),
            row.get<std::string>(path_column),
            row.get<std::string>("name")};
}

Batch to_batch(const db::Row& row) {
    return {.id = {row.get<std::int64_t>("id")},
            .organization = organization_of(row, "organization_path"),
            .file_name = row.get<std::string>("file_name"),
            .state = batch_state(row.get<std::string>("state")).value(),
            .columns = column_places(row.get<std::string>("columns")),
            .version = row.get<int>("version"),
            .stopped_because = row.get<std::string>("stopped_because"),
            .created_at = row.get<Instant>("created_at"),
            .created_by = {row.get<std::int64_t>("created_by")},
            .created_by_name = row.get<std::string>("created_by_name"),
            .started_at = row.get<std::optional<Instant>>("started_at"),
            .started_by = {row.get<std::int64_t>("started_by")},
            .started_by_name = row.get<std::string>("started_by_name"),
            .request_id = row.get<std::string>("request_id"),
            .source = row.get<std::string>("source"),
            .finished_at = row.get<std::optional<Instant>>("finished_at")};
}

/// Rows as arrays, one a column, for unnest().
struct RowArrays {
    std::vector<std::int64_t> numbers, organizations, accounts;
    std::vector<std::string> typed, states, problems, accepted;
    std::array<std::vector<std::string>, kBatchColumns> cells;

    void add(const BatchRow& row) {
        numbers.push_back(row.number);
        organizations.push_back(row.organization.value);
        accounts.push_back(row.account.value);
        typed.push_back(typed_text(row.typed));
        states.emplace_back(to_text(row.state));
        problems.push_back(problems_text(row.problems));
        accepted.emplace_back(row.accepted ? "t" : "f");
        for (std::size_t i = 0; i < kBatchColumns; ++i) {
            cells.at(i).push_back(row.cells.at(i));
        }
    }
};

template <class F>
Result<void> in_portions(const std::vector<BatchRow>& rows, F&& use) {
    for (std::size_t begin = 0; begin < rows.size(); begin += kRowsAtOnce) {
        RowArrays arrays;
        for (std::size_t i = begin; i < std::min(begin + kRowsAtOnce, rows.size()); ++i) {
            arrays.add(rows[i]);
        }
        TRY(use(arrays));
    }
    return {};
}

People to_people(const std::vector<db::Row>& rows) {
    People out;
    for (const auto& row : rows) {
        out.emplace(
            std::pair(OrganizationId{row.get<std::int64_t>("organization_id")}, row.get<std::string>("name_key")),
            KnownPerson{{row.get<std::int64_t>("id")}, row.get<std::string>("login_id")});
    }
    return out;
}

std::string_view name_of(RowFilter filter) {
    switch (filter) {
        case RowFilter::to_fix:
            return "to_fix";
        case RowFilter::folded:
            return "folded";
        case RowFilter::failed:
            return "failed";
        case RowFilter::all:
            break;
    }
    return "all";
}

}  // namespace

Result<BatchId> BatchStore::insert(db::Transaction& tx, const Batch& batch, Instant now) const {
    const auto row = TRY(tx.one(kInsert, batch.organization.id, batch.organization.path, batch.file_name,
                                to_text(batch.columns), now, batch.created_by, batch.created_by_name));
    return BatchId{row.get<std::int64_t>("id")};
}

Result<void> BatchStore::insert_rows(db::Transaction& tx, const Batch& batch, const std::vector<BatchRow>& rows) const {
    return in_portions(rows, [&](const RowArrays& some) {
        const auto& cells = some.cells;
        return tx.execute(kInsertRows, batch.id, batch.organization.path, some.numbers, some.typed, cells[0], cells[1],
                          cells[2], cells[3], cells[4], cells[5], cells[6], cells[7], some.states, some.problems,
                          some.organizations, some.accounts);
    });
}

Result<std::optional<Batch>> BatchStore::find(db::Transaction& tx, BatchId id) const {
    const auto row = TRY(tx.maybe_one(kFind, id));
    return row ? std::optional(to_batch(*row)) : std::nullopt;
}

Result<std::optional<Batch>> BatchStore::lock(db::Transaction& tx, BatchId id) const {
    TRY(tx.maybe_one(kLock, id));
    return find(tx, id);
}

Result<std::vector<Batch>> BatchStore::list(db::Transaction& tx, BatchId before, int limit) const {
    std::vector<Batch> out;
    for (const auto& row : TRY(tx.many(kList, before, limit))) {
        out.push_back(to_batch(row));
    }
    return out;
}

Result<BatchCounts> BatchStore::counts(db::Transaction& tx, BatchId id) const {
    BatchCounts counts;
    for (const auto& row : TRY(tx.many(kCounts, id))) {
        counts[row_state(row.get<std::string>("state")).value()] = row.get<int>("rows");
    }
    return counts;
}

Result<std::int64_t> BatchStore::count_in(db::Transaction& tx, BatchState state) const {
    return TRY(tx.one(kCountIn, to_text(state))).get<std::int64_t>("batches");
}

Result<std::vector<BatchRow>> BatchStore::rows(db::Transaction& tx, BatchId id, RowFilter filter, int after,
                                               int limit) const {
    std::vector<BatchRow> out;
    for (const auto& row : TRY(tx.many(kRows, id, after, name_of(filter), limit))) {
        out.push_back({.number = row.get<int>("number"),
                       .typed = typed_cells(row.get<std::string>("typed")),
                       .cells = cells_of(row),
                       .state = row_state(row.get<std::string>("state")).value(),
                       .problems = problems_of(row.get<std::string>("problems")),
                       .accepted = row.get<bool>("accepted"),
                       .organization = {row.get<std::int64_t>("organization_id")},
                       .account = {row.get<std::int64_t>("account_id")}});
    }
    return out;
}

Result<void> BatchStore::update_rows(db::Transaction& tx, BatchId id, const std::vector<BatchRow>& rows) const {
    return in_portions(rows, [&](const RowArrays& some) {
        const auto& cells = some.cells;
        return tx.execute(kUpdateRows, some.numbers, cells[0], cells[1], cells[2], cells[3], cells[4], cells[5],
                          cells[6], cells[7], some.states, some.problems, some.accepted, some.organizations,
                          some.accounts, id, some.numbers.front(), some.numbers.back());
    });
}

Result<void> BatchStore::touch(db::Transaction& tx, BatchId id) const {
    TRY(tx.execute(kTouch, id));
    return {};
}

Result<bool> BatchStore::set_state(db::Transaction& tx, const Batch& batch, BatchState to, const std::string& because,
                                   Instant now) const {
    return TRY(tx.execute(kSetState, to_text(to), because, now, batch.id, to_text(batch.state), batch.version)) == 1;
}

Result<bool> BatchStore::start(db::Transaction& tx, const Batch& batch, const Actor& by, const std::string& name,
                               Instant now) const {
    return TRY(tx.execute(kStart, now, by.account, name, by.request_id, by.source, batch.id, to_text(batch.state),
                          batch.version)) == 1;
}

Result<std::vector<std::pair<std::string, directory::OrganizationRef>>> BatchStore::facilities(
    db::Transaction& tx, const std::vector<std::string>& codes) const {
    std::vector<std::pair<std::string, directory::OrganizationRef>> out;
    for (const auto& row : TRY(tx.many(kFacilities, codes))) {
        out.emplace_back(row.get<std::string>("institution_code"), organization_of(row, "path"));
    }
    return out;
}

Result<People> BatchStore::people(db::Transaction& tx, const std::vector<std::int64_t>& organizations) const {
    return to_people(TRY(tx.many(kPeople, organizations)));
}

Result<People> BatchStore::people_named(db::Transaction& tx, const std::vector<std::int64_t>& organizations,
                                        const std::vector<std::string>& keys) const {
    return to_people(TRY(tx.many(kPeopleNamed, organizations, keys)));
}

Result<std::vector<std::pair<std::string, std::string>>> BatchStore::without_accounts(db::Transaction& tx,
                                                                                      int limit) const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& row : TRY(tx.many(kWithoutAccounts, limit))) {
        out.emplace_back(row.get<std::string>("institution_code"), row.get<std::string>("name"));
    }
    return out;
}

Result<std::map<int, std::string>> BatchStore::login_ids(db::Transaction& tx, BatchId id) const {
    std::map<int, std::string> out;
    for (const auto& row : TRY(tx.many(kLoginIds, id))) {
        out.emplace(row.get<int>("batch_row"), row.get<std::string>("login_id"));
    }
    return out;
}

Result<std::optional<Batch>> BatchStore::take_issuing(db::Transaction& tx) const {
    const auto taken = TRY(tx.maybe_one(kTakeIssuing));
    return taken ? find(tx, {taken->get<std::int64_t>("id")}) : Result<std::optional<Batch>>(std::nullopt);
}

Result<std::vector<RowToIssue>> BatchStore::next_ready(db::Transaction& tx, BatchId id, int limit) const {
    std::vector<RowToIssue> out;
    for (const auto& row : TRY(tx.many(kNextReady, id, limit))) {
        out.push_back({row.get<int>("number"), cells_of(row), {row.get<std::int64_t>("organization_id")}});
    }
    return out;
}

Result<std::vector<std::int64_t>> BatchStore::login_numbers(db::Transaction& tx, std::size_t count) const {
    std::vector<std::int64_t> out;
    for (const auto& row : TRY(tx.many(kLoginNumbers, static_cast<std::int64_t>(count)))) {
        out.push_back(row.get<std::int64_t>("number"));
    }
    return out;
}

Result<std::map<OrganizationId, std::pair<directory::OrganizationRef, int>>> BatchStore::places(
    db::Transaction& tx, const std::vector<std::int64_t>& organizations) const {
    std::map<OrganizationId, std::pair<directory::OrganizationRef, int>> out;
    for (const auto& row : TRY(tx.many(kPlaces, organizations))) {
        auto place = organization_of(row, "path");
        out.emplace(place.id, std::pair(place, row.get<int>("prefecture_code")));
    }
    return out;
}

Result<std::vector<std::pair<int, AccountId>>> BatchStore::insert_accounts(db::Transaction& tx, const Batch& batch,
                                                                           const std::vector<RowToIssue>& rows,
                                                                           const std::vector<std::string>& login_ids,
                                                                           const std::vector<std::string>& searches,
                                                                           Instant now) const {
    RowArrays arrays;
    for (const auto& row : rows) {
        arrays.add({.number = row.number, .typed = {}, .cells = row.cells, .organization = row.organization});
    }
    const auto& cells = arrays.cells;
    std::vector<std::pair<int, AccountId>> out;
    for (const auto& row : TRY(tx.many(kInsertAccounts, now, batch.started_by, batch.id, arrays.numbers, login_ids,
                                       arrays.organizations, cells[2], cells[3], cells[4], cells[5], searches))) {
        out.emplace_back(row.get<int>("batch_row"), AccountId{row.get<std::int64_t>("id")});
    }
    return out;
}

Result<void> BatchStore::finish_rows(db::Transaction& tx, BatchId id, RowState state,
                                     const std::vector<std::int64_t>& numbers,
                                     const std::vector<std::int64_t>& accounts, const std::string& reason) const {
    if (numbers.empty()) {
        return {};
    }
    const auto problems =
        reason.empty() ? std::string() : problems_text({{.column = BatchColumn::code, .rule = reason}});
    TRY(tx.execute(kFinishRows, to_text(state), problems, numbers, accounts, id, numbers.front(), numbers.back()));
    return {};
}

}  // namespace madoguchi::accounts
