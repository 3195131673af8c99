// Files on their way in, within the transactions of whoever knows what their rows tell: read and kept, confirmed,
// worked off in portions, ended. A kill loses at most the portion under way (S23).
#pragma once

#include "audit/audit_service.hpp"
#include "directory/file_import_store.hpp"
#include "directory/grant_service.hpp"

namespace madoguchi::directory {

class FileImportService {
public:
    FileImportService(ImportKind kind, audit::AuditService& audit, GrantService& grants)
        : kind_(kind), audit_(audit), grants_(grants) {}

    /// The file and its rows as checked, in the jurisdiction of `actor`.
    Result<ImportId> keep(db::Transaction& tx, const Actor& actor, const std::string& name, FileImport one,
                          const std::vector<FileRow>& rows, Instant now) const;
    Result<std::optional<FileImport>> find(db::Transaction& tx, ImportId id) const {
        return store_.find(tx, kind_, id);
    }
    Result<std::optional<FileImport>> lock(db::Transaction& tx, ImportId id) const {
        return store_.lock(tx, kind_, id);
    }
    Result<std::vector<FileImport>> list(db::Transaction& tx, ImportId before, int limit) const {
        return store_.list(tx, kind_, before, limit);
    }
    Result<ImportCounts> counts(db::Transaction& tx, ImportId id) const { return store_.counts(tx, id); }
    /// `limit` 0: all of them.
    Result<std::vector<FileRow>> rows(db::Transaction& tx, ImportId id, ImportFilter filter, int after,
                                      int limit) const;
    Result<void> update_rows(db::Transaction& tx, ImportId id, const std::vector<FileRow>& rows) const {
        return store_.update_rows(tx, id, rows);
    }
    /// What was shown of it is stale from now on.
    Result<void> touch(db::Transaction& tx, ImportId id) const { return store_.touch(tx, id); }

    /// Nothing is taken in before this. Errors: conflict (import_state, batch_changed), invalid
    /// (import_nothing_to_make).
    Result<void> confirm(db::Transaction& tx, const Actor& actor, const std::string& name, const FileImport& one,
                         int version, Instant now) const;
    /// Errors: conflict (import_state).
    Result<void> drop(db::Transaction& tx, const Actor& actor, const FileImport& one, Instant now) const;

    // --- the worker ---

    Result<std::optional<FileImport>> take(db::Transaction& tx) const { return store_.take(tx, kind_); }
    /// Who confirmed, with the grants of now. Errors: forbidden (their account or organization was closed).
    Result<Principal> starter_of(db::Transaction& tx, const FileImport& one, Instant now) const;
    Result<void> finish(db::Transaction& tx, const Actor& actor, const FileImport& one, Instant now) const;

    /// Errors: conflict (import_state), where it is no longer as it was checked.
    static Result<void> still_checked(const FileImport& one);

private:
    audit::Entry entry_for(const FileImport& one, std::string_view act, nlohmann::json after = nullptr) const;

    ImportKind kind_;
    audit::AuditService& audit_;
    GrantService& grants_;
    FileImportStore store_;
};

}  // namespace madoguchi::directory
