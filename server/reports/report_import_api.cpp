#include "reports/report_import_api.hpp"

#include "base/report_file_limits.hpp"
#include "directory/file_import_api.hpp"
#include "http/json_values.hpp"

namespace madoguchi::reports {

void add_report_import_api(http::RouteTable& routes, const ReportImportApiParts& parts) {
    using directory::SentRows;
    auto& imports = parts.imports;
    directory::add_file_import_api(
        routes,
        {.path = "/api/v1/report-imports",
         .form = {.fields = kReportFields,
                  .numbers_from = report_column::kBands,
                  .numbers_to = report_column::kTotal + 1,
                  .most = limits::kReportFileRows,
                  .most_at_once = limits::kReportRowsAtomic},
         .guard = parts.guard,
         .texts = parts.texts,
         .begin = [&imports](const Principal& principal, const SentRows& sent,
                             Instant now) { return imports.begin(principal, sent, now); },
         .show = [&imports](const Principal& principal, ImportId id,
                            Instant now) { return imports.show(principal, id, now); },
         .list = [&imports](const Principal& principal, ImportId before, int limit,
                            Instant now) { return imports.list(principal, before, limit, now); },
         .rows = [&imports](const Principal& principal, ImportId id, ImportFilter filter, int after, int limit,
                            Instant now) { return imports.rows(principal, id, filter, after, limit, now); },
         .confirm = [&imports](const Principal& principal, ImportId id, int version,
                               Instant now) { return imports.confirm(principal, id, version, now); },
         .drop = [&imports](const Principal& principal, ImportId id,
                            Instant now) { return imports.drop(principal, id, now); },
         .outcome =
             [](const directory::FileRow& row) {
                 return nlohmann::json{
                     {"organization_id", row.organization ? nlohmann::json(std::to_string(row.organization.value))
                                                          : nlohmann::json(nullptr)},
                     {"receipt_number", http::optional_text(row.outcome)},
                     {"reported_at", http::optional_time(row.finished_at)}};
             },
         .confirmed = parts.confirmed});
}

}  // namespace madoguchi::reports
