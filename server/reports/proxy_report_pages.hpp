// The health centre's desk: /proxy-reports (what came on paper and is to be typed) and /report-reviews (figures that
// were unusual). Works without scripts.
#pragma once

#include "directory/console_pages.hpp"
#include "directory/organization_list_service.hpp"
#include "reports/proxy_report_service.hpp"

namespace madoguchi::reports {

struct ProxyPages {
    directory::Console& console;
    ProxyReportService& service;
    directory::OrganizationListService& organizations;
};

/// The routes keep a copy of the references.
void add_proxy_pages(const ProxyPages& pages);
void add_review_pages(const ProxyPages& pages);

/// "FAX", "電話" ...
std::string shown_channel(const render::Texts& texts, Locale locale, ReceivedBy by);
/// "青葉保健所が代行入力（FAX、12/02 10:20受信）"; "" where the organization reported itself.
std::string shown_proxy(const render::Texts& texts, Locale locale, const std::optional<ProxyEntry>& proxy);

}  // namespace madoguchi::reports
