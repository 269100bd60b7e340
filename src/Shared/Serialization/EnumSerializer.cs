using System.Runtime.Serialization;
using Hyperion;
using Hyperion.ValueSerializers;

namespace MetaMap.Shared.Serialization;

/// <summary>Writes an enumeration value as one byte, its number; a number without a name is refused.</summary>
internal sealed class EnumSerializer<T> : ValueSerializer where T : struct, Enum
{
    public override void WriteManifest(Stream stream, SerializerSession session) =>
        throw new SerializationException($"{typeof(T)} is not a message of its own");

    public override void WriteValue(Stream stream, object value, SerializerSession session) =>
        stream.WriteByte(checked((byte)Convert.ToInt32(Named((T)value), null)));

    public override object ReadValue(Stream stream, DeserializerSession session)
    {
        int number = stream.ReadByte();
        return number < 0
            ? throw new SerializationException($"a {typeof(T).Name} is missing at the end")
            : Named((T)Enum.ToObject(typeof(T), number));
    }

    public override Type GetElementType() => typeof(T);

    private static T Named(T value) => Enum.IsDefined(value)
        ? value : throw new SerializationException($"{value} is no {typeof(T).Name}: build both nodes from the same version");
}
