// Limits of printing many letters, with their reasons. A header of its own, so that a change here doesn't rebuild the
// whole house.
#pragma once

namespace madoguchi::limits {

// A batch as one file: every clinic of a health centre. 4 ms and 8 to 11 KB each, so it is ready in ten seconds, on a
// busy machine in thirty (nginx waits for 120), and the server holds 50 MB meanwhile. More come in parts
// (kLettersPerFile).
inline constexpr int kLettersInOneFile = 2000;

}  // namespace madoguchi::limits
