/// Rows of a profile as `Data`, in each of the encodings.
#pragma once

#include <bitset>

#include "dlms/data.hpp"
#include "meter/profile/buffer_encoding.hpp"
#include "meter/profile/profile.hpp"

namespace ferraris::meter {

class Instrument;

/// Columns that were asked for.
using ColumnSet = std::bitset<kMaxProfileColumns>;

class RowEncoder {
public:
    RowEncoder(const Instrument& meter, const ProfileSetup& setup, const ColumnSet& columns, BufferEncoding encoding)
        : meter_(meter), setup_(setup), columns_(columns), encoding_(encoding) {}

    /// What comes before the rows; `content_octets` is the sum over all of them, for the compact array.
    void write_head(std::size_t rows, std::size_t content_octets, dlms::DataWriter& data) const;
    /// `previous` is the row before it in the same answer; null: it is the first.
    void write(const ProfileRow& row, const ProfileRow* previous, dlms::DataWriter& data) const;
    /// Of the row without any tags.
    [[nodiscard]] std::size_t content_octets(const ProfileRow& row) const;
    [[nodiscard]] bool is_compact() const { return encoding_ == BufferEncoding::compact_array; }
    /// Whether a row is written with regard to the one before.
    [[nodiscard]] bool compares() const {
        return encoding_ == BufferEncoding::null_data || encoding_ == BufferEncoding::null_data_and_deltas;
    }

private:
    void write_compared(const ProfileColumn& column, std::size_t offset, const ProfileRow& row,
                        const ProfileRow& previous, dlms::DataWriter& data) const;
    void write_content(const ProfileColumn& column, std::size_t offset, const ProfileRow& row, ByteWriter& out) const;

    const Instrument& meter_;
    const ProfileSetup& setup_;
    const ColumnSet& columns_;
    BufferEncoding encoding_;
};

}  // namespace ferraris::meter
