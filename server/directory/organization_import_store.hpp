// SQL of organizations from a file. Rows are written by the thousand, a portion in one statement.
#pragma once

#include "db/database.hpp"
#include "directory/organization_file.hpp"

namespace madoguchi::directory {

struct OrganizationImport {
    ImportId id;
    std::string path;  // whose jurisdiction it belongs to
    OrganizationId organization;
    std::string file_name;
    ImportState state = ImportState::checked;
    FilePlaces columns;
    int version = 1;
    Instant created_at;
    AccountId created_by;
    std::string created_by_name;
    std::optional<Instant> started_at;
    AccountId started_by;
    std::string started_by_name;
    std::string request_id;
    std::string source;
};

enum class ImportFilter { to_fix, failed, all };

/// A row on its way into the directory: what is inserted, under the id that it will have.
struct OrganizationToMake {
    int row = 0;
    OrganizationId id;
    Organization organization;
    std::string search;
};

class OrganizationImportStore {
public:
    Result<ImportId> insert(db::Transaction& tx, const OrganizationImport& one, Instant now) const;
    Result<void> insert_rows(db::Transaction& tx, const OrganizationImport& one,
                             const std::vector<ImportRow>& rows) const;
    Result<std::optional<OrganizationImport>> find(db::Transaction& tx, ImportId id) const;
    /// As find, and nobody else changes it until the transaction ends.
    Result<std::optional<OrganizationImport>> lock(db::Transaction& tx, ImportId id) const;
    Result<std::vector<OrganizationImport>> list(db::Transaction& tx, ImportId before, int limit) const;
    Result<ImportCounts> counts(db::Transaction& tx, ImportId id) const;
    Result<std::vector<ImportRow>> rows(db::Transaction& tx, ImportId id, ImportFilter filter, int after,
                                        int limit) const;
    Result<void> update_rows(db::Transaction& tx, ImportId id, const std::vector<ImportRow>& rows) const;
    Result<void> touch(db::Transaction& tx, ImportId id) const;
    /// False: somebody was faster.
    Result<bool> set_state(db::Transaction& tx, const OrganizationImport& one, ImportState to, Instant now) const;
    Result<bool> start(db::Transaction& tx, const OrganizationImport& one, const Actor& by, const std::string& name,
                       Instant now) const;

    /// Open organizations below which others stand.
    Result<std::vector<PossibleParent>> parents(db::Transaction& tx) const;
    Result<std::set<std::int64_t>> known_ids(db::Transaction& tx, const std::vector<std::int64_t>& ids) const;
    /// Below the organization with the path `below`: a code of another jurisdiction reads as unused (S16).
    Result<std::set<std::string, std::less<>>> known_codes(db::Transaction& tx, const std::vector<std::string>& codes,
                                                           const std::string& below) const;
    /// Parent and name of every open organization that has no institution code.
    Result<std::vector<std::pair<std::int64_t, std::string>>> names(db::Transaction& tx) const;

    // --- the worker ---

    /// One import that is under way; no other worker makes organizations until the transaction ends.
    Result<std::optional<OrganizationImport>> take(db::Transaction& tx) const;
    Result<std::vector<ImportRow>> next_ready(db::Transaction& tx, ImportId id, int limit) const;
    struct Starter {
        std::string login_id;
        bool active = false;
        OrganizationRef home;
    };
    Result<std::optional<Starter>> starter(db::Transaction& tx, AccountId id) const;
    Result<std::vector<std::int64_t>> next_ids(db::Transaction& tx, std::size_t count) const;
    /// The ids that were made; who is missing has a code that is in use, perhaps outside the jurisdiction.
    Result<std::set<std::int64_t>> make(db::Transaction& tx, const std::vector<OrganizationToMake>& rows,
                                        Instant now) const;
};

}  // namespace madoguchi::directory
