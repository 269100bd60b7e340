using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using Hyperion;
using Hyperion.ValueSerializers;

namespace MetaMap.Shared.Serialization;

/// <summary>
/// Writes an array as a count (four bytes, little-endian) and the elements without type information. The default
/// (uninitialised) array is written as, and arrives as, an empty one.
/// </summary>
internal sealed class ImmutableArraySerializer<T>(ValueSerializer element) : ValueSerializer
{
    public override void WriteManifest(Stream stream, SerializerSession session) =>
        throw new SerializationException($"{typeof(ImmutableArray<T>)} is not a message of its own");

    public override void WriteValue(Stream stream, object value, SerializerSession session)
    {
        ImmutableArray<T> items = (ImmutableArray<T>)value;
        stream.Write(BitConverter.GetBytes(items.IsDefault ? 0 : items.Length));
        foreach (T item in items.AsSpan())
        {
            object content = item ?? throw new SerializationException($"an element of {typeof(ImmutableArray<T>)} is missing");
            element.WriteValue(stream, content, session);
        }
    }

    public override object ReadValue(Stream stream, DeserializerSession session)
    {
        byte[] prefix = session.GetBuffer(sizeof(int));
        stream.ReadExactly(prefix, 0, sizeof(int));
        int count = BitConverter.ToInt32(prefix);
        ((PayloadStream)stream).CheckLength(count);

        T[] items = new T[count];
        for (int i = 0; i < count; i++)
        {
            items[i] = (T?)element.ReadValue(stream, session)
                ?? throw new SerializationException($"an element of {typeof(ImmutableArray<T>)} is missing");
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(items);
    }

    public override Type GetElementType() => typeof(ImmutableArray<T>);
}
