// SQL of files on their way in. Rows are written by the thousand, a portion in one statement.
#pragma once

#include "db/database.hpp"
#include "directory/authorization.hpp"
#include "directory/file_import.hpp"

namespace madoguchi::directory {

class FileImportStore {
public:
    Result<ImportId> insert(db::Transaction& tx, const ImportKind& kind, const FileImport& one, Instant now) const;
    Result<void> insert_rows(db::Transaction& tx, const FileImport& one, const std::vector<FileRow>& rows) const;
    Result<std::optional<FileImport>> find(db::Transaction& tx, const ImportKind& kind, ImportId id) const;
    /// As find, and nobody else changes it until the transaction ends.
    Result<std::optional<FileImport>> lock(db::Transaction& tx, const ImportKind& kind, ImportId id) const;
    Result<std::vector<FileImport>> list(db::Transaction& tx, const ImportKind& kind, ImportId before, int limit) const;
    Result<ImportCounts> counts(db::Transaction& tx, ImportId id) const;
    Result<std::vector<FileRow>> rows(db::Transaction& tx, ImportId id, ImportFilter filter, int after,
                                      int limit) const;
    Result<void> update_rows(db::Transaction& tx, ImportId id, const std::vector<FileRow>& rows) const;
    Result<void> touch(db::Transaction& tx, ImportId id) const;
    /// False: somebody was faster.
    Result<bool> set_state(db::Transaction& tx, const FileImport& one, ImportState to, Instant now) const;
    Result<bool> start(db::Transaction& tx, const FileImport& one, const Actor& by, const std::string& name,
                       Instant now) const;
    /// One that is under way and that no other worker has in hand.
    Result<std::optional<FileImport>> take(db::Transaction& tx, const ImportKind& kind) const;

    struct Starter {
        std::string login_id;
        bool active = false;
        OrganizationRef home;
    };
    Result<std::optional<Starter>> starter(db::Transaction& tx, AccountId id) const;
};

}  // namespace madoguchi::directory
