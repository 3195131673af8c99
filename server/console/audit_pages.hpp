// /audit: the log filtered, an account or a request followed, before and after side by side, taken along as CSV,
// verified.
#pragma once

#include "console/audit_reading_service.hpp"
#include "directory/console_pages.hpp"

namespace madoguchi::console {

void add_audit_pages(directory::Console& console, const AuditReadingService& audit);

/// One line of CSV: quoted where it must be, never a live formula (S22).
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace madoguchi::console
