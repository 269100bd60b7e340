using System.Buffers.Binary;
using CsCheck;
using MetaMap.Core.Safetensors;
using MetaMap.Testing;

namespace MetaMap.Core.Tests.Safetensors;

public sealed class SafetensorsReaderTests
{
    private const string A = """
        "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}
        """;

    [Theory]
    [InlineData("", "0 bytes")]
    [InlineData("01020304050607", "ends before the header length")]
    [InlineData("0100000000000000", "only 0 follow")]
    [InlineData("FFFFFFFFFFFFFFFF", "limit of 100000000")]
    [InlineData("01E1F50500000000", "limit of 100000000")]
    [InlineData("00E1F50500000000", "only 0 follow")]
    [InlineData("0000000000000000", "does not begin with '{'")]
    [InlineData("02000000000000005B5D", "does not begin with '{'")]
    [InlineData("02000000000000007B5D", "not valid JSON")]
    public void Read_NoHeader_IsRefused(string hex, string reason) => AssertRefused(Convert.FromHexString(hex), reason);

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "a gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "cover 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "an overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "an overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "its shape needs 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""", 4, "outside the 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "outside the 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "outside the 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904,0],"data_offsets":[0,0]}}""", 0, "impossible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,16],"data_offsets":[0,0]}}""", 0, "impossible shape")]
    [InlineData("""{"a":{"dtype":"F128","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown type 'F128'")]
    [InlineData("""{"a":{"dtype":"0","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown type '0'")]
    [InlineData("""{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown type 'f32'")]
    [InlineData("""{"a":{"dtype":"F32, I32","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown type")]
    [InlineData("""{"a":{"dtype":null,"shape":[1],"data_offsets":[0,4]}}""", 4, "unknown type")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "appears twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0061":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "appears twice")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "lacks dtype")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "lacks dtype")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "lacks dtype")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,2,4]}}""", 4, "lacks dtype")]
    [InlineData("""{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""", 4, "not valid JSON of the format")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "not valid JSON of the format")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":["0","4"]}}""", 4, "not valid JSON of the format")]
    [InlineData("""{"a":4}""", 0, "lacks dtype")]
    [InlineData("""{"__metadata__":{"key":1}}""", 0, "'key' is not a string")]
    [InlineData("""{"__metadata__":[]}""", 0, "not valid JSON of the format")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", 4, "not valid JSON")]
    public void Read_BadHeader_IsRefusedWithReason(string header, int dataBytes, string reason) =>
        AssertRefused(SafetensorsFile.Of(header, new byte[dataBytes]), reason);

    [Fact]
    public void Read_EveryTruncation_IsRefused()
    {
        byte[] file = SafetensorsFile.Of($$"""{{{A}}}""", 1, 2, 3, 4);
        Assert.Single(SafetensorsReader.Read(file, "test").Tensors);
        for (int length = 0; length < file.Length; length++)
        {
            Assert.Throws<DataException>(() => SafetensorsReader.Read(file.AsMemory(0, length), "test"));
        }
    }

    [Fact]
    public void Read_HeaderBeforeReordering_GivesTensorsInDataOrder()
    {
        byte[] file = SafetensorsFile.Of(
            """{"late":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},"none":{"dtype":"F64","shape":[0],"data_offsets":[2,2]},"early":{"dtype":"I16","shape":[],"data_offsets":[0,2]}}""",
            7, 8, 9);
        SafetensorsContent content = SafetensorsReader.Read(file, "test");
        Assert.Equal(["early", "none", "late"], content.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([7, 8], content.Tensors[0].Bytes.ToArray());
        Assert.Equal([9], content.Tensors[2].Bytes.ToArray());
    }

    [Fact]
    public void ReadFile_MissingEmptyNameOrFolder_NamesTheFile()
    {
        Assert.Contains("no-such-file", Assert.Throws<DataException>(() => SafetensorsReader.ReadFile("no-such-file")).Message, StringComparison.Ordinal);
        Assert.Throws<DataException>(() => SafetensorsReader.ReadFile(""));
        Assert.Throws<DataException>(() => SafetensorsReader.ReadFile(AppContext.BaseDirectory));
    }

    [Fact]
    public void Read_RandomBytes_OnlyThrowsDataException() => Gen.Byte.Array[0, 200].Repeatable().Sample(AssertReadsOrRefuses, iter: 2_000);

    [Fact]
    public void Read_RandomHeaderBehindItsLength_OnlyThrowsDataException()
    {
        // Alphabet of the format itself, so that many samples come far into the decoder.
        string[] alphabet =
        [
            "{", "}", "[", "]", ":", ",", "\"a\"", "\"dtype\"", "\"F32\"", "\"shape\"", "\"data_offsets\"", "\"__metadata__\"",
            "0", "4", "-1", "1e30", "9223372036854775807", "null", "true", " ", "\"\\uD800\"", A,
        ];
        Gen<string> piece = Gen.Int[0, alphabet.Length - 1].Select(i => alphabet[i]);
        Gen.Select(piece.Array[0, 14], Gen.Byte.Array[0, 12]).Repeatable().Sample(
            (pieces, data) => AssertReadsOrRefuses(SafetensorsFile.Of("{" + string.Concat(pieces), data)), iter: 3_000);
    }

    [Fact]
    public void Read_MutatedValidFile_OnlyThrowsDataException()
    {
        byte[] valid = SafetensorsFile.Of(
            """{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}""",
            new byte[11]);
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte).Array[1, 4].Repeatable().Sample(mutations =>
        {
            byte[] mutated = [.. valid];
            foreach ((int position, byte value) in mutations)
            {
                mutated[position] = value;
            }

            AssertReadsOrRefuses(mutated);
        }, iter: 5_000);
    }

    [Fact]
    public void Read_NameThatIsNotUnicode_IsRefused()
    {
        byte[] file = SafetensorsFile.Of($$"""{{{A}}}""", 1, 2, 3, 4);
        file[Array.IndexOf(file, (byte)'a')] = 0xFF;
        AssertRefused(file, "not valid JSON");
    }

    private static void AssertReadsOrRefuses(byte[] file)
    {
        try
        {
            SafetensorsContent content = SafetensorsReader.Read(file, "fuzz");
            long header = (long)BinaryPrimitives.ReadUInt64LittleEndian(file);
            Assert.Equal(file.Length - 8 - header, content.Tensors.Sum(tensor => (long)tensor.Bytes.Length));
        }
        catch (DataException error)
        {
            Assert.StartsWith("fuzz is not a usable safetensors file: ", error.Message, StringComparison.Ordinal);
        }
    }

    private static void AssertRefused(byte[] file, string reason)
    {
        string message = Assert.Throws<DataException>(() => SafetensorsReader.Read(file, "the file")).Message;
        Assert.StartsWith("the file is not a usable safetensors file: ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }
}
