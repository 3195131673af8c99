#include "directory/organization_import_api.hpp"

#include <algorithm>

#include "base/api_limits.hpp"
#include "directory/file_import_api.hpp"

namespace madoguchi::directory {
namespace {

Result<std::vector<FileRow>> rows_of(OrganizationImportService& imports, const Principal& principal, ImportId id,
                                     ImportFilter filter, int after, int limit, Instant now) {
    const auto found = TRY(imports.rows(principal, id, filter, after, limit, now));
    std::vector<FileRow> out;
    out.reserve(found.size());
    std::ranges::transform(found, std::back_inserter(out), kept);
    return out;
}

nlohmann::json outcome_of(const FileRow& row) {
    return {{"organization_id", row.made > 0 ? nlohmann::json(std::to_string(row.made)) : nlohmann::json(nullptr)}};
}

}  // namespace

void add_organization_import_api(http::RouteTable& routes, const OrganizationImportApiParts& parts) {
    auto& imports = parts.imports;
    add_file_import_api(
        routes,
        {.path = "/api/v1/organization-imports",
         .form = {.fields = kOrganizationFields, .most = limits::kApiRows, .most_at_once = limits::kApiRowsAtomic},
         .guard = parts.guard,
         .texts = parts.texts,
         .begin = [&imports](const Principal& principal, const SentRows& sent,
                             Instant now) { return imports.begin(principal, sent, now); },
         .show = [&imports](const Principal& principal, ImportId id,
                            Instant now) { return imports.show(principal, id, now); },
         .list = [&imports](const Principal& principal, ImportId before, int limit,
                            Instant now) { return imports.list(principal, before, limit, now); },
         .rows = [&imports](const Principal& principal, ImportId id, ImportFilter filter, int after, int limit,
                            Instant now) { return rows_of(imports, principal, id, filter, after, limit, now); },
         .confirm = [&imports](const Principal& principal, ImportId id, int version,
                               Instant now) { return imports.confirm(principal, id, version, now); },
         .drop = [&imports](const Principal& principal, ImportId id,
                            Instant now) { return imports.drop(principal, id, now); },
         .outcome = outcome_of,
         .confirmed = parts.confirmed});
}

}  // namespace madoguchi::directory
