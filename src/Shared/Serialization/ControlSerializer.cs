using System.Runtime.Serialization;
using Akka.Actor;
using MetaMap.Shared.Messages;
using AkkaSerializer = Akka.Serialization.Serializer;

namespace MetaMap.Shared.Serialization;

/// <summary>
/// Carries <see cref="IControlMessage"/> between nodes. Every failure is a <see cref="SerializationException"/>, which
/// Akka handles by dropping that one message; any other exception would close the connection.
/// </summary>
/// <param name="system">The actor system.</param>
public sealed class ControlSerializer(ExtendedActorSystem system) : AkkaSerializer(system)
{
    /// <summary>Akka's number for this serializer, part of the wire format.</summary>
    public const int SerializerId = 4202;

    private static readonly ControlCodec Codec = new(ControlTypes.Messages, ControlTypes.Values);

    /// <summary>The length in bytes that a message would have on the wire; above <see cref="ControlCodec.MaximumMessageBytes"/> it is refused.</summary>
    public static int LengthOf(IControlMessage message) => Codec.LengthOf(message);

    /// <inheritdoc />
    public override int Identifier => SerializerId;

    /// <inheritdoc />
    public override bool IncludeManifest => false;

    /// <inheritdoc />
    public override byte[] ToBinary(object obj) => Codec.Encode(obj);

    /// <inheritdoc />
    public override object FromBinary(byte[] bytes, Type? type) => Codec.Decode(bytes);
}
