using System.Buffers.Binary;
using System.Runtime.Serialization;
using Hyperion;

namespace MetaMap.Shared.Serialization;

/// <summary>
/// Hyperion, restricted to a closed list of messages. A payload is one byte 254, the number of the message's type
/// (two bytes, little-endian), and the fields in constructor order without any further type information: the wire
/// never names a type, so a peer cannot choose one. Safe for concurrent use.
/// </summary>
public sealed class ControlCodec
{
    /// <summary>The longest message that is sent: Akka.Remote drops frames above 128,000 bytes; the difference is for addresses.</summary>
    public const int MaximumMessageBytes = 120_000;

    private const int HeaderBytes = 3;
    private readonly Serializer _hyperion;
    private readonly IReadOnlyList<Type> _messages;

    /// <summary>Builds the readers and writers of every message at once.</summary>
    /// <param name="messages">Messages; the position is the number on the wire.</param>
    /// <param name="values">Records that messages may contain.</param>
    /// <exception cref="SerializationException">A message has a field whose type is not allowed.</exception>
    public ControlCodec(IReadOnlyList<Type> messages, IReadOnlyCollection<Type> values)
    {
        _messages = messages;
        _hyperion = new Serializer(new SerializerOptions(
            versionTolerance: false,
            preserveObjectReferences: false,
            surrogates: null,
            serializerFactories: [new AllowedTypesFactory(messages, values)],
            knownTypes: messages,
            ignoreISerializable: true,
            packageNameOverrides: null,
            disallowUnsafeTypes: true,
            // Not a filter by name: no type is ever named, and the factory refuses whatever is not listed.
            typeFilter: null));
    }

    /// <summary>Writes one message.</summary>
    /// <exception cref="SerializationException">The message, or something in it, is not allowed on the wire, or it is longer than <see cref="MaximumMessageBytes"/>.</exception>
    public byte[] Encode(object message)
    {
        byte[] payload = Write(message);
        return payload.Length <= MaximumMessageBytes
            ? payload
            : throw new SerializationException(
                $"{message.GetType().Name} has {payload.Length} bytes, but a message between nodes has {MaximumMessageBytes} at most: make its blocks shorter (--block)");
    }

    /// <summary>The length that a message would have, however long it is.</summary>
    /// <exception cref="SerializationException">The message, or something in it, is not allowed on the wire.</exception>
    public int LengthOf(object message) => Write(message).Length;

    private byte[] Write(object message)
    {
        if (!_messages.Contains(message.GetType()))
        {
            throw new SerializationException(
                $"{message.GetType()} is not a control message: only the types listed in {nameof(ControlTypes)} are sent to other nodes");
        }

        try
        {
            using MemoryStream stream = new();
            _hyperion.Serialize(message, stream);
            return stream.ToArray();
        }
        catch (Exception exception) when (exception is not SerializationException)
        {
            throw new SerializationException($"{message.GetType().Name} could not be written: {exception.Message}", exception);
        }
    }

    /// <summary>Reads one message.</summary>
    /// <exception cref="SerializationException">The payload is not exactly one allowed message.</exception>
    public object Decode(byte[] payload)
    {
        string name = NameOfMessage(payload);
        try
        {
            using PayloadStream stream = new(payload);
            object message = _hyperion.Deserialize(stream);
            return stream.RemainingBytes == 0
                ? message
                : throw new SerializationException($"{name} has {stream.RemainingBytes} bytes too many: the other node speaks another version");
        }
        catch (Exception exception) when (exception is not SerializationException)
        {
            throw new SerializationException($"{name} could not be read: {exception.Message}", exception);
        }
    }

    private string NameOfMessage(byte[] payload)
    {
        if (payload.Length < HeaderBytes || payload[0] != RecordSerializer.KnownTypeMark)
        {
            throw new SerializationException($"a payload of {payload.Length} bytes does not begin with the number of a control message");
        }

        int number = BinaryPrimitives.ReadUInt16LittleEndian(payload.AsSpan(1));
        return number < _messages.Count
            ? _messages[number].Name
            : throw new SerializationException(
                $"control message number {number} is unknown here (0 to {_messages.Count - 1} are known): build both nodes from the same version");
    }
}
