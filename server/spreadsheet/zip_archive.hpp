// A ZIP archive in memory, unpacked piece by piece under a cap, so that a bomb is never held (S22).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct zip;

namespace madoguchi::spreadsheet {

class ZipArchive {
public:
    /// `bytes` outlives the archive. Errors (invalid): file_broken, file_expands (too many entries).
    static Result<ZipArchive> open(std::string_view bytes);

    bool has(const std::string& name) const;
    /// Calls `use` with each unpacked piece. Errors (invalid): file_broken (no such entry, encrypted, cut, checksum),
    /// file_expands (more than limits::kArchiveBytes over all reads), whatever `use` says.
    Result<void> read(const std::string& name, const std::function<Result<void>(std::string_view)>& use);

private:
    struct Closer {
        void operator()(zip* archive) const;
    };
    explicit ZipArchive(std::unique_ptr<zip, Closer> archive) : archive_(std::move(archive)) {}

    std::unique_ptr<zip, Closer> archive_;
    std::size_t unpacked_ = 0;
};

}  // namespace madoguchi::spreadsheet
