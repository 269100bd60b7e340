using System.Globalization;
using System.Runtime.Serialization;
using Akka.Actor;
using MetaMap.Core;
using MetaMap.Shared.Messages;
using AkkaSerializer = Akka.Serialization.Serializer;

namespace MetaMap.Shared.Serialization;

/// <summary>
/// Carries <see cref="IControlMessage"/> between nodes. Every failure is a <see cref="SerializationException"/>, which
/// Akka answers by dropping the one message; anything else would tear the connection down.
/// </summary>
/// <param name="system">The actor system.</param>
public sealed class ControlSerializer(ExtendedActorSystem system) : AkkaSerializer(system)
{
    /// <summary>Akka's number for this serializer, part of the wire format.</summary>
    public const int SerializerId = 4202;

    /// <summary>
    /// The longest message, below Akka.Remote's frame of 128,000 bytes less its envelope (addresses and serializer). A longer
    /// one is refused here, and a run that would need one is refused at its start (<see cref="RequireFit"/>).
    /// </summary>
    public const int MaximumBytes = 120_000;

    private static readonly ControlCodec Codec = new(ControlTypes.Messages, ControlTypes.Values);

    /// <summary>The length in bytes that a message would have on the wire; above <see cref="ControlCodec.MaximumMessageBytes"/> it is refused.</summary>
    public static int LengthOf(IControlMessage message) => Codec.LengthOf(message);

    /// <inheritdoc />
    public override int Identifier => SerializerId;

    /// <inheritdoc />
    public override bool IncludeManifest => false;

    /// <inheritdoc />
    public override byte[] ToBinary(object obj)
    {
        byte[] bytes = Codec.Encode(obj);
        return bytes.Length <= MaximumBytes
            ? bytes
            : throw new SerializationException($"{obj.GetType().Name} has {bytes.Length} bytes, a message may have {MaximumBytes}");
    }

    /// <inheritdoc />
    public override object FromBinary(byte[] bytes, Type? type) => Codec.Decode(bytes);

    /// <summary>Checks before anything depends on it that a message can be sent.</summary>
    /// <param name="message">The largest of its kind.</param>
    /// <param name="what">What it carries, for people: "a block of 64 episodes".</param>
    /// <param name="advice">What to do, e.g. "take a smaller --block".</param>
    /// <exception cref="ConfigurationException">It is too long.</exception>
    public static void RequireFit(IControlMessage message, string what, string advice)
    {
        int bytes = Codec.Encode(message).Length;
        if (bytes > MaximumBytes)
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture,
                $"{what} needs a message of {bytes} bytes, but nodes send at most {MaximumBytes}: {advice}."));
        }
    }
}
