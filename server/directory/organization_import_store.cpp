#include "directory/organization_import_store.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace madoguchi::directory {
namespace {

constexpr std::size_t kRowsAtOnce = 4000;  // of one statement: a few megabytes of arrays

constexpr db::Query kInsert = {"organization_import.insert", R"(
    insert into organization_imports (organization_id, organization_path, file_name, state, columns, created_at, created_by, created_by_name)
    values (:organization, :path, :file_name, 'checked', :columns, instant(:now), :by, :by_name) returning id)"};

constexpr db::Query kInsertRows = {"organization_import.insert_rows", R"(
    insert into organization_import_rows (import_id, number, organization_path, typed, cells, state, problems, parent_id)
    select cast(:import as bigint), r.number, cast(:path as text), r.typed, r.cells, r.state, r.problems, nullif(r.parent_id, 0)
    from unnest(cast(:numbers as integer[]), cast(:typed as text[]), cast(:cells as text[]), cast(:states as text[]), cast(:problems as text[]),
                cast(:parents as bigint[])) as r (number, typed, cells, state, problems, parent_id))"};

constexpr db::Query kFind = {"organization_import.find", R"(
    select id, organization_id, organization_path, file_name, state, columns, version, us(created_at) as created_at, created_by, created_by_name,
           us(started_at) as started_at, coalesce(started_by, 0) as started_by, started_by_name, request_id, source
    from organization_imports where id = :id)"};

constexpr db::Query kLock = {"organization_import.lock",
                             "select id from organization_imports where id = :id for update"};

constexpr db::Query kList = {"organization_import.list", R"(
    select id, organization_id, organization_path, file_name, state, columns, version, us(created_at) as created_at, created_by, created_by_name,
           us(started_at) as started_at, coalesce(started_by, 0) as started_by, started_by_name, request_id, source
    from organization_imports
    where (cast(:before as bigint) = 0 or id < :before) and state <> 'dropped'
    order by id desc limit :limit)"};

constexpr db::Query kCounts = {"organization_import.counts", R"(
    select state, count(*)::integer as rows from organization_import_rows where import_id = :id group by state)"};

constexpr db::Query kRows = {"organization_import.rows", R"(
    select number, typed, cells, state, problems, accepted, coalesce(parent_id, 0) as parent_id, coalesce(made_id, 0) as made_id
    from organization_import_rows
    where import_id = :id and number > :after
      and case cast(:filter as text)
              when 'to_fix' then state in ('bad', 'warned') or (state = 'left_out' and problems not like '%import_closed%')
              when 'failed' then state = 'failed'
              else true
          end
    order by number limit :limit)"};

constexpr db::Query kNextReady = {"organization_import.next_ready", R"(
    select number, typed, cells, state, problems, accepted, coalesce(parent_id, 0) as parent_id, coalesce(made_id, 0) as made_id
    from organization_import_rows where import_id = :id and state = 'ready' order by number limit :limit)"};

// Between the first and the last of them: what PostgreSQL's statistics don't know yet, it takes for a single row.
constexpr db::Query kUpdateRows = {"organization_import.update_rows", R"(
    update organization_import_rows set cells = r.cells, state = r.state, problems = r.problems, accepted = r.accepted,
           parent_id = nullif(r.parent_id, 0), made_id = nullif(r.made_id, 0)
    from unnest(cast(:numbers as integer[]), cast(:cells as text[]), cast(:states as text[]), cast(:problems as text[]),
                cast(:accepted as boolean[]), cast(:parents as bigint[]), cast(:made as bigint[]))
        as r (number, cells, state, problems, accepted, parent_id, made_id)
    where organization_import_rows.import_id = :id and organization_import_rows.number between :first and :last
      and organization_import_rows.number = r.number)"};

constexpr db::Query kTouch = {"organization_import.touch",
                              "update organization_imports set version = version + 1 where id = :id"};

constexpr db::Query kSetState = {"organization_import.set_state", R"(
    update organization_imports set state = :to, version = version + 1,
           finished_at = case when :to = 'done' then instant(:now) else finished_at end
    where id = :id and state = :from and version = :version)"};

constexpr db::Query kStart = {"organization_import.start", R"(
    update organization_imports set state = 'making', version = version + 1, started_at = instant(:now), started_by = :by,
           started_by_name = :name, request_id = :request_id, source = :source
    where id = :id and state = 'checked' and version = :version)"};

constexpr db::Query kParents = {"organization_import.parents", R"(
    select id, kind, path, name, coalesce(prefecture_code, 0)::integer as prefecture_code from organizations
    where kind in ('ministry', 'prefecture', 'health_center') and state = 'active')"};

constexpr db::Query kKnownIds = {"organization_import.known_ids", R"(
    select id from organizations where id = any (cast(:ids as bigint[])))"};

constexpr db::Query kKnownCodes = {"organization_import.known_codes", R"(
    select institution_code from organizations where institution_code = any (cast(:codes as text[])) and state = 'active' and starts_with(path, :below))"};

constexpr db::Query kNames = {"organization_import.names", R"(
    select coalesce(parent_id, 0) as parent_id, name from organizations where kind <> 'facility' and state = 'active')"};

// Two files of the same organizations, on two servers: the second one sees what the first one made.
constexpr db::Query kAlone = {"organization_import.alone", "select pg_advisory_xact_lock(7238463) is null as locked"};

constexpr db::Query kTake = {"organization_import.take", R"(
    select id from organization_imports where state = 'making' order by id limit 1 for update skip locked)"};

constexpr db::Query kStarter = {"organization_import.starter", R"(
    select a.login_id, a.state = 'active' and o.state = 'active' as active, o.id as organization_id, o.kind, o.path, o.name
    from accounts a join organizations o on o.id = a.organization_id where a.id = :id)"};

constexpr db::Query kNextIds = {"organization_import.next_ids", R"(
    select nextval('organizations_id_seq') as id from generate_series(1, cast(:count as integer)))"};

constexpr db::Query kMake = {"organization_import.make", R"(
    insert into organizations (id, kind, parent_id, path, prefecture_code, name, kana, search, institution_code, local_government_code,
                               phone, postal_code, address, created_at)
    select r.id, r.kind, p.id, p.path || r.id || '.', nullif(r.prefecture, 0), r.name, r.kana, r.search, nullif(r.institution_code, ''),
           nullif(r.local_government_code, ''), r.phone, r.postal_code, r.address, instant(:now)
    from unnest(cast(:ids as bigint[]), cast(:kinds as text[]), cast(:parents as bigint[]), cast(:prefectures as bigint[]), cast(:names as text[]),
                cast(:kana as text[]), cast(:searches as text[]), cast(:codes as text[]), cast(:government_codes as text[]),
                cast(:phones as text[]), cast(:postal_codes as text[]), cast(:addresses as text[]))
        as r (id, kind, parent_id, prefecture, name, kana, search, institution_code, local_government_code, phone, postal_code, address)
    join organizations p on p.id = r.parent_id and p.state = 'active'
    order by r.id
    on conflict (institution_code) where state = 'active' do nothing
    returning id)"};

std::string text_of(const FileCells& cells) {
    return nlohmann::json(cells).dump();
}

std::string problems_text(const std::vector<ImportProblem>& problems) {
    auto out = nlohmann::json::array();
    for (const auto& problem : problems) {
        out.push_back({{"column", to_text(problem.column)},
                       {"rule", problem.rule},
                       {"values", problem.values},
                       {"warning", problem.warning},
                       {"suggestion", problem.suggestion}});
    }
    return out.empty() ? std::string() : out.dump();
}

std::vector<ImportProblem> problems_of(const std::string& text) {
    std::vector<ImportProblem> out;
    if (text.empty()) {
        return out;
    }
    for (const auto& problem : nlohmann::json::parse(text)) {
        out.push_back({.column = file_column(problem.at("column").get<std::string>()).value_or(FileColumn::name),
                       .rule = problem.at("rule"),
                       .values = problem.at("values"),
                       .warning = problem.at("warning"),
                       .suggestion = problem.at("suggestion")});
    }
    return out;
}

OrganizationImport to_import(const db::Row& row) {
    return {.id = {row.get<std::int64_t>("id")},
            .path = row.get<std::string>("organization_path"),
            .organization = {row.get<std::int64_t>("organization_id")},
            .file_name = row.get<std::string>("file_name"),
            .state = import_state(row.get<std::string>("state")).value(),
            .columns = file_places(row.get<std::string>("columns")),
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
    std::vector<std::int64_t> numbers, parents, made;
    std::vector<std::string> typed, cells, states, problems, accepted;

    void add(const ImportRow& row) {
        numbers.push_back(row.number);
        parents.push_back(row.parent.value);
        made.push_back(row.made.value);
        typed.push_back(text_of(row.typed));
        cells.push_back(text_of(row.cells));
        states.emplace_back(to_text(row.state));
        problems.push_back(problems_text(row.problems));
        accepted.emplace_back(row.accepted ? "t" : "f");
    }
};

template <class F>
Result<void> in_portions(const std::vector<ImportRow>& rows, F&& use) {
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
    return filter == ImportFilter::to_fix ? "to_fix" : filter == ImportFilter::failed ? "failed" : "all";
}

std::vector<ImportRow> to_rows(const std::vector<db::Row>& rows) {
    std::vector<ImportRow> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back({.number = row.get<int>("number"),
                       .typed = nlohmann::json::parse(row.get<std::string>("typed")).get<FileCells>(),
                       .cells = nlohmann::json::parse(row.get<std::string>("cells")).get<FileCells>(),
                       .state = import_row_state(row.get<std::string>("state")).value(),
                       .problems = problems_of(row.get<std::string>("problems")),
                       .accepted = row.get<bool>("accepted"),
                       .parent = {row.get<std::int64_t>("parent_id")},
                       .made = {row.get<std::int64_t>("made_id")}});
    }
    return out;
}

}  // namespace

Result<ImportId> OrganizationImportStore::insert(db::Transaction& tx, const OrganizationImport& one,
                                                 Instant now) const {
    const auto row = TRY(tx.one(kInsert, one.organization, one.path, one.file_name, to_text(one.columns), now,
                                one.created_by, one.created_by_name));
    return ImportId{row.get<std::int64_t>("id")};
}

Result<void> OrganizationImportStore::insert_rows(db::Transaction& tx, const OrganizationImport& one,
                                                  const std::vector<ImportRow>& rows) const {
    return in_portions(rows, [&](const RowArrays& some) {
        return tx.execute(kInsertRows, one.id, one.path, some.numbers, some.typed, some.cells, some.states,
                          some.problems, some.parents);
    });
}

Result<std::optional<OrganizationImport>> OrganizationImportStore::find(db::Transaction& tx, ImportId id) const {
    const auto row = TRY(tx.maybe_one(kFind, id));
    return row ? std::optional(to_import(*row)) : std::nullopt;
}

Result<std::optional<OrganizationImport>> OrganizationImportStore::lock(db::Transaction& tx, ImportId id) const {
    TRY(tx.maybe_one(kLock, id));
    return find(tx, id);
}

Result<std::vector<OrganizationImport>> OrganizationImportStore::list(db::Transaction& tx, ImportId before,
                                                                      int limit) const {
    std::vector<OrganizationImport> out;
    for (const auto& row : TRY(tx.many(kList, before, limit))) {
        out.push_back(to_import(row));
    }
    return out;
}

Result<ImportCounts> OrganizationImportStore::counts(db::Transaction& tx, ImportId id) const {
    ImportCounts counts;
    for (const auto& row : TRY(tx.many(kCounts, id))) {
        counts[import_row_state(row.get<std::string>("state")).value()] = row.get<int>("rows");
    }
    return counts;
}

Result<std::vector<ImportRow>> OrganizationImportStore::rows(db::Transaction& tx, ImportId id, ImportFilter filter,
                                                             int after, int limit) const {
    return to_rows(TRY(tx.many(kRows, id, after, name_of(filter), limit)));
}

Result<std::vector<ImportRow>> OrganizationImportStore::next_ready(db::Transaction& tx, ImportId id, int limit) const {
    return to_rows(TRY(tx.many(kNextReady, id, limit)));
}

Result<void> OrganizationImportStore::update_rows(db::Transaction& tx, ImportId id,
                                                  const std::vector<ImportRow>& rows) const {
    return in_portions(rows, [&](const RowArrays& some) {
        return tx.execute(kUpdateRows, some.numbers, some.cells, some.states, some.problems, some.accepted,
                          some.parents, some.made, id, some.numbers.front(), some.numbers.back());
    });
}

Result<void> OrganizationImportStore::touch(db::Transaction& tx, ImportId id) const {
    TRY(tx.execute(kTouch, id));
    return {};
}

Result<bool> OrganizationImportStore::set_state(db::Transaction& tx, const OrganizationImport& one, ImportState to,
                                                Instant now) const {
    return TRY(tx.execute(kSetState, to_text(to), now, one.id, to_text(one.state), one.version)) == 1;
}

Result<bool> OrganizationImportStore::start(db::Transaction& tx, const OrganizationImport& one, const Actor& by,
                                            const std::string& name, Instant now) const {
    return TRY(tx.execute(kStart, now, by.account, name, by.request_id, by.source, one.id, one.version)) == 1;
}

Result<std::vector<PossibleParent>> OrganizationImportStore::parents(db::Transaction& tx) const {
    std::vector<PossibleParent> out;
    for (const auto& row : TRY(tx.many(kParents))) {
        out.push_back({{{row.get<std::int64_t>("id")},
                        organization_kind(row.get<std::string>("kind")).value(),
                        row.get<std::string>("path"),
                        row.get<std::string>("name")},
                       row.get<int>("prefecture_code")});
    }
    return out;
}

Result<std::set<std::int64_t>> OrganizationImportStore::known_ids(db::Transaction& tx,
                                                                  const std::vector<std::int64_t>& ids) const {
    std::set<std::int64_t> out;
    for (const auto& row : TRY(tx.many(kKnownIds, ids))) {
        out.insert(row.get<std::int64_t>("id"));
    }
    return out;
}

Result<std::set<std::string, std::less<>>> OrganizationImportStore::known_codes(db::Transaction& tx,
                                                                                const std::vector<std::string>& codes,
                                                                                const std::string& below) const {
    std::set<std::string, std::less<>> out;
    for (const auto& row : TRY(tx.many(kKnownCodes, codes, below))) {
        out.insert(row.get<std::string>("institution_code"));
    }
    return out;
}

Result<std::vector<std::pair<std::int64_t, std::string>>> OrganizationImportStore::names(db::Transaction& tx) const {
    std::vector<std::pair<std::int64_t, std::string>> out;
    for (const auto& row : TRY(tx.many(kNames))) {
        out.emplace_back(row.get<std::int64_t>("parent_id"), row.get<std::string>("name"));
    }
    return out;
}

Result<std::optional<OrganizationImport>> OrganizationImportStore::take(db::Transaction& tx) const {
    const auto taken = TRY(tx.maybe_one(kTake));
    if (!taken) {
        return std::optional<OrganizationImport>();
    }
    TRY(tx.one(kAlone));
    return find(tx, {taken->get<std::int64_t>("id")});
}

Result<std::optional<OrganizationImportStore::Starter>> OrganizationImportStore::starter(db::Transaction& tx,
                                                                                         AccountId id) const {
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

Result<std::vector<std::int64_t>> OrganizationImportStore::next_ids(db::Transaction& tx, std::size_t count) const {
    std::vector<std::int64_t> out;
    for (const auto& row : TRY(tx.many(kNextIds, static_cast<std::int64_t>(count)))) {
        out.push_back(row.get<std::int64_t>("id"));
    }
    return out;
}

Result<std::set<std::int64_t>> OrganizationImportStore::make(db::Transaction& tx,
                                                             const std::vector<OrganizationToMake>& rows,
                                                             Instant now) const {
    std::vector<std::int64_t> ids, parents, prefectures;
    std::vector<std::string> kinds, names, kana, searches, codes, government_codes, phones, postal_codes, addresses;
    for (const auto& row : rows) {
        const auto& one = row.organization;
        ids.push_back(row.id.value);
        parents.push_back(one.parent.value);
        prefectures.push_back(one.prefecture_code);
        kinds.emplace_back(to_text(one.kind));
        names.push_back(one.name);
        kana.push_back(one.kana);
        searches.push_back(row.search);
        codes.push_back(one.institution_code);
        government_codes.push_back(one.local_government_code);
        phones.push_back(one.phone);
        postal_codes.push_back(one.postal_code);
        addresses.push_back(one.address);
    }
    std::set<std::int64_t> out;
    for (const auto& row : TRY(tx.many(kMake, now, ids, kinds, parents, prefectures, names, kana, searches, codes,
                                       government_codes, phones, postal_codes, addresses))) {
        out.insert(row.get<std::int64_t>("id"));
    }
    return out;
}

}  // namespace madoguchi::directory
