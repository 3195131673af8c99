// Limits of daily reports in files, with their reasons. A header of its own, so that a change here rebuilds little.
#pragma once

namespace madoguchi::limits {

inline constexpr int kReportFileRows = 3000;  // a health centre of 400 clinics, a week late
/// Of one transaction, all or none: some 10 ms each, with its history, draft and audit row.
inline constexpr int kReportRowsAtomic = 500;
inline constexpr int kReportImportChunk =
    100;                                      // reports of one transaction, each with its history, draft and audit row
inline constexpr int kReportExportDays = 92;  // a quarter; more of them are more files
inline constexpr int kReportLinesShown = 30;  // of a page: a tick a line, and a form has 128 fields

}  // namespace madoguchi::limits
