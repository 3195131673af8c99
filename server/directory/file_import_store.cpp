#include "directory/file_import_store.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace madoguchi::directory {
namespace {

constexpr std::size_t kRowsAtOnce = 4000;  // of one statement: a few megabytes of arrays

constexpr db::Query kInsert = {"file_import.insert", R"(
    insert into file_imports (kind, organization_id, organization_path, file_name, state, columns, created_at, created_by, created_by_name)
    values (:kind, :organization, :path, :file_name, 'checked', :columns, instant(:now), :by, :by_name) returning id)"};

constexpr db::Query kInsertRows = {"file_import.insert_rows", R"(
    insert into file_import_rows (import_id, number, organization_path, typed, cells, state, problems, organization_id)
    select cast(:import as bigint), r.number, cast(:path as text), r.typed, r.cells, r.state, r.problems, nullif(r.organization_id, 0)
    from unnest(cast(:numbers as integer[]), cast(:typed as text[]), cast(:cells as text[]), cast(:states as text[]), cast(:problems as text[]),
                cast(:organizations as bigint[])) as r (number, typed, cells, state, problems, organization_id))"};

constexpr db::Query kFind = {"file_import.find", R"(
    select id, organization_id, organization_path, file_name, state, columns, version, us(created_at) as created_at, created_by, created_by_name,
           us(started_at) as started_at, coalesce(started_by, 0) as started_by, started_by_name, request_id, source
    from file_imports where id = :id and kind = :kind)"};

constexpr db::Query kLock = {"file_import.lock",
                             "select id from file_imports where id = :id and kind = :kind for update"};

constexpr db::Query kList = {"file_import.list", R"(
    select id, organization_id, organization_path, file_name, state, columns, version, us(created_at) as created_at, created_by, created_by_name,
           us(started_at) as started_at, coalesce(started_by, 0) as started_by, started_by_name, request_id, source
    from file_imports
    where kind = :kind and (cast(:before as bigint) = 0 or id < :before) and state <> 'dropped'
    order by id desc limit :limit)"};

constexpr db::Query kCounts = {"file_import.counts", R"(
    select state, count(*)::integer as rows from file_import_rows where import_id = :id group by state)"};

constexpr db::Query kRows = {"file_import.rows", R"(
    select number, typed, cells, state, problems, accepted, coalesce(organization_id, 0) as organization_id, coalesce(made_id, 0) as made_id,
           outcome, us(finished_at) as finished_at
    from file_import_rows
    where import_id = :id and number > :after
      and case cast(:filter as text)
              when 'to_fix' then state in ('bad', 'warned') or (state = 'left_out' and problems <> '' and problems not like '%import_closed%'
                                                                and problems not like '%report_file_blank%')
              when 'failed' then state = 'failed'
              when 'ready' then state = 'ready'
              when 'finished' then state in ('ready', 'made', 'failed')
              else true
          end
    order by number limit :limit)"};

// Between the first and the last of them: what PostgreSQL's statistics don't know yet, it takes for a single row.
constexpr db::Query kUpdateRows = {"file_import.update_rows", R"(
    update file_import_rows set cells = r.cells, state = r.state, problems = r.problems, accepted = r.accepted,
           organization_id = nullif(r.organization_id, 0), made_id = nullif(r.made_id, 0), outcome = r.outcome,
           finished_at = instant(nullif(r.finished_at, 0))
    from unnest(cast(:numbers as integer[]), cast(:cells as text[]), cast(:states as text[]), cast(:problems as text[]),
                cast(:accepted as boolean[]), cast(:organizations as bigint[]), cast(:made as bigint[]), cast(:outcomes as text[]),
                cast(:finished as bigint[]))
        as r (number, cells, state, problems, accepted, organization_id, made_id, outcome, finished_at)
    where file_import_rows.import_id = :id and file_import_rows.number between :first and :last and file_import_rows.number = r.number)"};

constexpr db::Query kTouch = {"file_import.touch", "update file_imports set version = version + 1 where id = :id"};

constexpr db::Query kSetState = {"file_import.set_state", R"(
    update file_imports set state = :to, version = version + 1,
           finished_at = case when :to = 'done' then instant(:now) else finished_at end
    where id = :id and state = :from and version = :version)"};

constexpr db::Query kStart = {"file_import.start", R"(
    update file_imports set state = 'making', version = version + 1, started_at = instant(:now), started_by = :by,
           started_by_name = :name, request_id = :request_id, source = :source
    where id = :id and state = 'checked' and version = :version)"};

constexpr db::Query kTake = {"file_import.take", R"(
    select id from file_imports where kind = :kind and state = 'making' order by id limit 1 for update skip locked)"};

constexpr db::Query kStarter = {"file_import.starter", R"(
    select a.login_id, a.state = 'active' and o.state = 'active' as active, o.id as organization_id, o.kind, o.path, o.name
    from accounts a join organizations o on o.id = a.organization_id where a.id = :id)"};

std::string problems_text(const std::vector<FileProblem>& problems) {
    auto out = nlohmann::json::array();
    for (const auto& problem : problems) {
        out.push_back({{"column", problem.column},
                       {"rule", problem.rule},
                       {"values", problem.values},
                       {"warning", problem.warning},
                       {"suggestion", problem.suggestion}});
    }
    return out.empty() ? std::string() : out.dump();
}

std::vector<FileProblem> problems_of(const std::string& text) {
    std::vector<FileProblem> out;
    if (text.empty()) {
        return out;
    }
    for (const auto& problem : nlohmann::json::parse(text)) {
        out.push_back({.column = problem.at("column"),
                       .rule = problem.at("rule"),
                       .values = problem.at("values"),
                       .warning = problem.at("warning"),
                       .suggestion = problem.at("suggestion")});
    }
    return out;
}

FileImport to_import(const db::Row& row) {
    return {.id = {row.get<std::int64_t>("id")},
            .path = row.get<std::string>("organization_path"),
            .organization = {row.get<std::int64_t>("organization_id")},
            .file_name = row.get<std::string>("file_name"),
            .state = import_state(row.get<std::string>("state")).value(),
            .columns = row.get<std::string>("columns"),
            .version = row.get<int>("version"),
            .created_at = row.get<Instant>("created_at"),
            .created_by = {row.get<std::int64_t>("created_by")},
            .created_by_name = row.get<std::string>("created_by_name"),
            .started_at = row.get<std::optional<Instant>>("started_at"),
            .started_by = {row.get<std::int64_t>("started_by")},
            .started_by_name = row.get<std::string>("started_by_name"),
            .request_id = row.get<std::string>("request_id"),
            .source = row.get<std::string>("source")};
}

/// Rows as arrays, one a column, for unnest().
struct RowArrays {
    std::vector<std::int64_t> numbers, organizations, made, finished;
    std::vector<std::string> typed, cells, states, problems, accepted, outcomes;

    void add(const FileRow& row) {
        numbers.push_back(row.number);
        organizations.push_back(row.organization.value);
        made.push_back(row.made);
        finished.push_back(row.finished_at ? to_microseconds(*row.finished_at) : 0);
        typed.push_back(nlohmann::json(row.typed).dump());
        cells.push_back(nlohmann::json(row.cells).dump());
        states.emplace_back(to_text(row.state));
        problems.push_back(problems_text(row.problems));
        accepted.emplace_back(row.accepted ? "t" : "f");
        outcomes.push_back(row.outcome);
    }
};

template <class F>
Result<void> in_portions(const std::vector<FileRow>& rows, F&& use) {
    for (std::size_t begin = 0; begin < rows.size(); begin += kRowsAtOnce) {
        RowArrays arrays;
        for (std::size_t i = begin; i < std::min(begin + kRowsAtOnce, rows.size()); ++i) {
            arrays.add(rows[i]);
        }
        TRY(use(arrays));
    }
    return {};
}

std::string_view name_of(ImportFilter filter) {
    constexpr std::array<std::string_view, 5> kNames = {"to_fix", "failed", "ready", "finished", "all"};
    return kNames.at(static_cast<std::size_t>(filter));
}

FileRow to_row(const db::Row& row) {
    return {.number = row.get<int>("number"),
            .typed = nlohmann::json::parse(row.get<std::string>("typed")).get<std::vector<std::string>>(),
            .cells = nlohmann::json::parse(row.get<std::string>("cells")).get<std::vector<std::string>>(),
            .state = import_row_state(row.get<std::string>("state")).value(),
            .problems = problems_of(row.get<std::string>("problems")),
            .accepted = row.get<bool>("accepted"),
            .organization = {row.get<std::int64_t>("organization_id")},
            .made = row.get<std::int64_t>("made_id"),
            .outcome = row.get<std::string>("outcome"),
            .finished_at = row.get<std::optional<Instant>>("finished_at")};
}

}  // namespace

Result<ImportId> FileImportStore::insert(db::Transaction& tx, const ImportKind& kind, const FileImport& one,
                                         Instant now) const {
    const auto row = TRY(tx.one(kInsert, kind.name, one.organization, one.path, one.file_name, one.columns, now,
                                one.created_by, one.created_by_name));
    return ImportId{row.get<std::int64_t>("id")};
}

Result<void> FileImportStore::insert_rows(db::Transaction& tx, const FileImport& one,
                                          const std::vector<FileRow>& rows) const {
    return in_portions(rows, [&](const RowArrays& some) {
        return tx.execute(kInsertRows, one.id, one.path, some.numbers, some.typed, some.cells, some.states,
                          some.problems, some.organizations);
    });
}

Result<std::optional<FileImport>> FileImportStore::find(db::Transaction& tx, const ImportKind& kind,
                                                        ImportId id) const {
    const auto row = TRY(tx.maybe_one(kFind, id, kind.name));
    return row ? std::optional(to_import(*row)) : std::nullopt;
}

Result<std::optional<FileImport>> FileImportStore::lock(db::Transaction& tx, const ImportKind& kind,
                                                        ImportId id) const {
    TRY(tx.maybe_one(kLock, id, kind.name));
    return find(tx, kind, id);
}

Result<std::vector<FileImport>> FileImportStore::list(db::Transaction& tx, const ImportKind& kind, ImportId before,
                                                      int limit) const {
    std::vector<FileImport> out;
    for (const auto& row : TRY(tx.many(kList, kind.name, before, limit))) {
        out.push_back(to_import(row));
    }
    return out;
}

Result<ImportCounts> FileImportStore::counts(db::Transaction& tx, ImportId id) const {
    ImportCounts counts;
    for (const auto& row : TRY(tx.many(kCounts, id))) {
        counts[import_row_state(row.get<std::string>("state")).value()] = row.get<int>("rows");
    }
    return counts;
}

Result<std::vector<FileRow>> FileImportStore::rows(db::Transaction& tx, ImportId id, ImportFilter filter, int after,
                                                   int limit) const {
    std::vector<FileRow> out;
    for (const auto& row : TRY(tx.many(kRows, id, after, name_of(filter), limit))) {
        out.push_back(to_row(row));
    }
    return out;
}

Result<void> FileImportStore::update_rows(db::Transaction& tx, ImportId id, const std::vector<FileRow>& rows) const {
    return in_portions(rows, [&](const RowArrays& some) {
        const auto [first, last] = std::minmax_element(some.numbers.begin(), some.numbers.end());
        return tx.execute(kUpdateRows, some.numbers, some.cells, some.states, some.problems, some.accepted,
                          some.organizations, some.made, some.outcomes, some.finished, id, *first, *last);
    });
}

Result<void> FileImportStore::touch(db::Transaction& tx, ImportId id) const {
    TRY(tx.execute(kTouch, id));
    return {};
}

Result<bool> FileImportStore::set_state(db::Transaction& tx, const FileImport& one, ImportState to, Instant now) const {
    return TRY(tx.execute(kSetState, to_text(to), now, one.id, to_text(one.state), one.version)) == 1;
}

Result<bool> FileImportStore::start(db::Transaction& tx, const FileImport& one, const Actor& by,
                                    const std::string& name, Instant now) const {
    return TRY(tx.execute(kStart, now, by.account, name, by.request_id, by.source, one.id, one.version)) == 1;
}

Result<std::optional<FileImport>> FileImportStore::take(db::Transaction& tx, const ImportKind& kind) const {
    const auto taken = TRY(tx.maybe_one(kTake, kind.name));
    return taken ? find(tx, kind, {taken->get<std::int64_t>("id")}) : Result<std::optional<FileImport>>(std::nullopt);
}

Result<std::optional<FileImportStore::Starter>> FileImportStore::starter(db::Transaction& tx, AccountId id) const {
    const auto row = TRY(tx.maybe_one(kStarter, id));
    if (!row) {
        return std::optional<Starter>();
    }
    return std::optional(Starter{row->get<std::string>("login_id"),
                                 row->get<bool>("active"),
                                 {{row->get<std::int64_t>("organization_id")},
                                  organization_kind(row->get<std::string>("kind")).value(),
                                  row->get<std::string>("path"),
                                  row->get<std::string>("name")}});
}

}  // namespace madoguchi::directory
