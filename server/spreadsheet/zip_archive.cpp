#include "spreadsheet/zip_archive.hpp"

#include <zip.h>

#include <vector>

#include "base/file_limits.hpp"
#include "base/limits.hpp"
#include "spreadsheet/sheet_builder.hpp"

namespace madoguchi::spreadsheet {

void ZipArchive::Closer::operator()(zip* archive) const {
    zip_discard(archive);
}

Result<ZipArchive> ZipArchive::open(std::string_view bytes) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    std::unique_ptr<zip, Closer> archive(source == nullptr ? nullptr
                                                           : zip_open_from_source(source, ZIP_RDONLY, &error));
    if (!archive && source != nullptr) {
        zip_source_free(source);
    }
    zip_error_fini(&error);
    if (!archive) {
        return refuse_file("file_broken");
    }
    if (zip_get_num_entries(archive.get(), 0) > static_cast<zip_int64_t>(limits::kArchiveEntries)) {
        return refuse_file("file_expands");
    }
    return ZipArchive(std::move(archive));
}

bool ZipArchive::has(const std::string& name) const {
    return zip_name_locate(archive_.get(), name.c_str(), 0) >= 0;
}

Result<void> ZipArchive::read(const std::string& name, const std::function<Result<void>(std::string_view)>& use) {
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> entry(zip_fopen(archive_.get(), name.c_str(), 0),
                                                                  &zip_fclose);
    if (!entry) {
        return refuse_file("file_broken");
    }
    std::vector<char> piece(limits::kArchiveChunkBytes);
    for (;;) {
        const auto read = zip_fread(entry.get(), piece.data(), piece.size());
        if (read < 0) {
            return refuse_file("file_broken");
        }
        if (read == 0) {
            return {};
        }
        unpacked_ += static_cast<std::size_t>(read);
        if (unpacked_ > limits::kArchiveBytes) {
            return refuse_file("file_expands");
        }
        TRY(use({piece.data(), static_cast<std::size_t>(read)}));
    }
}

}  // namespace madoguchi::spreadsheet
