// JSON of rows that come by the thousand, whatever they tell of: how a body says them, and what became of each.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>

#include "directory/file_import.hpp"
#include "directory/guard.hpp"
#include "http/route_table.hpp"
#include "render/texts.hpp"

namespace madoguchi::directory {

/// How rows of one kind are said.
struct RowForm {
    RowFields fields;
    std::size_t numbers_from = 0;  // cells from here to there may also be sent as whole numbers
    std::size_t numbers_to = 0;
    std::size_t most = 0;
    std::size_t most_at_once = 0;  // all or none
};

/// {"rows": [{...}], "name", "check_only", "atomic", "accept_warnings"}. Errors: invalid (every bad member, as
/// rows[12].name).
Result<SentRows> read_rows(const http::Request& request, const RowForm& form);

/// One kind of rows: organizations, daily reports.
struct FileImportApi {
    std::string path;  // "/api/v1/organization-imports"
    RowForm form;
    Guard guard;
    const render::Texts& texts;

    std::function<Result<ImportId>(const Principal&, const SentRows&, Instant)> begin;
    std::function<Result<ImportView>(const Principal&, ImportId, Instant)> show;
    std::function<Result<std::vector<ImportView>>(const Principal&, ImportId before, int limit, Instant)> list;
    std::function<Result<std::vector<FileRow>>(const Principal&, ImportId, ImportFilter, int after, int limit, Instant)>
        rows;
    std::function<Result<void>(const Principal&, ImportId, int version, Instant)> confirm;
    std::function<Result<void>(const Principal&, ImportId, Instant)> drop;
    /// What a row became, as members of it.
    std::function<nlohmann::json(const FileRow&)> outcome;
    std::function<void()> confirmed;  // wakes the worker
};
void add_file_import_api(http::RouteTable& routes, const FileImportApi& api);

}  // namespace madoguchi::directory
