// The limits of files in and out, of issuing many and of letters, each with its reason. Units last in the name.
#pragma once

#include <chrono>
#include <cstddef>

namespace madoguchi::limits {

using namespace std::chrono_literals;

// --- files in and out (S22) ---
inline constexpr std::size_t kUploadBytes = 8 * 1024 * 1024;  // 40,000 rows of names have 4 MiB as CSV, 3 MiB as xlsx
inline constexpr int kSheetRows = 40000;                      // the clinics of a large prefecture, twice
inline constexpr int kSheetHeaderRows = 10;                   // titles and hints may stand above the headings
inline constexpr std::size_t kSheetColumns = 64;              // a template has six
inline constexpr std::size_t kCellBytes = 2000;               // 500 characters; names end at 100
inline constexpr std::size_t kSheetTextBytes = 32 * 1024 * 1024;  // of all cells, and of shared strings
inline constexpr std::size_t kSheetStrings = 500000;              // different texts in one file
inline constexpr std::size_t kArchiveEntries = 200;               // Excel writes about 15, Google 12
inline constexpr std::size_t kArchiveBytes = 64 * 1024 * 1024;    // unpacked; 40,000 rows have 20 MiB
inline constexpr std::size_t kArchiveChunkBytes = 64 * 1024;      // unpacked at a time
inline constexpr std::size_t kFileNameCodePoints = 120;           // shown in a heading

// --- issuing many, letters ---
inline constexpr int kBatchChunk = 500;      // rows in one transaction: a few hundred ms, lost at most by a kill
inline constexpr auto kBatchPoll = 1s;       // another server may have stopped in the middle of a batch
inline constexpr int kBatchLinesShown = 30;  // lines to fix on a page; a form has 128 fields, three a line
inline constexpr int kBatchesShown = 30;     // a page of batches
inline constexpr int kBatchRefresh_s = 2;    // the progress page asks again
inline constexpr int kLettersPerFile = 500;  // one file is ready in ten seconds and fits two packs of paper
inline constexpr int kLettersShown = 50;     // single letters on a page
inline constexpr int kFacilitiesFound = 20;  // offered when a facility is looked for; more: search narrower

// --- initial passwords by a one-time link (S4, S9) ---
inline constexpr auto kHandoverLinkLife = 24h * 3;       // over a weekend; a letter has thirty days, a pocket is nearer
inline constexpr auto kInitialPasswordByLink = 24h * 3;  // read on a phone, typed at the clinic's next opening
inline constexpr int kHandoverOpensPerSourceHour = 30;   // an office behind one address, and its mistakes
inline constexpr int kLinksShown = 50;                   // newest first
inline constexpr int kLinksOfAccount = 5;

// --- organizations from a file, lists as files ---
inline constexpr int kImportChunk = 200;  // organizations in one transaction, with what they are found by
inline constexpr int kImportsShown = 30;
inline constexpr int kListFileRows = 40000;  // of a list saved as a file: what one file in may have
inline constexpr int kListFilePortion = 500;

}  // namespace madoguchi::limits
