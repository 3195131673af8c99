// Limits of proxy entry and of the review, with their reasons.
#pragma once

namespace madoguchi::limits {

inline constexpr int kProxyDays = 7;  // back from today; older ones are corrections
inline constexpr int kReceivedShown =
    200;  // on the work list; a health centre of 300 clinics has them all on paper once
inline constexpr int kFinishedShown = 50;     // of today, below it
inline constexpr int kReviewsShown = 200;     // on the list of unusual figures
inline constexpr int kClinicsOffered = 20;    // of a search by name
inline constexpr int kOrganizationDays = 28;  // of one organization, as a health centre looks back

}  // namespace madoguchi::limits
