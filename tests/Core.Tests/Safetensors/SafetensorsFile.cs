using System.Buffers.Binary;
using System.Text;

namespace MetaMap.Core.Tests.Safetensors;

/// <summary>Safetensors files written by hand, header and data as the test wants them.</summary>
internal static class SafetensorsFile
{
    /// <summary>Eight bytes of header length, the header, the data.</summary>
    public static byte[] Of(string header, params byte[] data)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[8 + text.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)text.Length);
        text.CopyTo(file, 8);
        data.CopyTo(file, 8 + text.Length);
        return file;
    }
}
