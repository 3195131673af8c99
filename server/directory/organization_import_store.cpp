#include "directory/organization_import_store.hpp"

namespace madoguchi::directory {
namespace {

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

}  // namespace

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

Result<void> OrganizationImportStore::alone(db::Transaction& tx) const {
    TRY(tx.one(kAlone));
    return {};
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
