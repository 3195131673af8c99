// Japan's public holidays (国民の祝日に関する法律, Act No. 178 of 1948) as the law stands since 2022. Pure.
#pragma once

#include "reports/report_date.hpp"

namespace madoguchi::reports {

/// Holidays of article 2, the Monday or later day that makes up for one on a Sunday (article 3, 2), and the day between
/// two of them (article 3, 3). Equinoxes follow the astronomers' approximation (新こよみ便利帳, 1991); the Cabinet
/// Office announces each in the February before, and so far it never differed. Good from 2022 to 2099.
bool is_public_holiday(ReportDate date);

}  // namespace madoguchi::reports
