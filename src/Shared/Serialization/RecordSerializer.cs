using System.Reflection;
using System.Runtime.Serialization;
using Hyperion;
using Hyperion.ValueSerializers;

namespace MetaMap.Shared.Serialization;

/// <summary>
/// Writes a record as the values of its constructor's parameters, in order. Every field's type is known beforehand, so no
/// type information is written for it, values cannot be nested deeper than their types, and objects are only created by
/// their own constructors.
/// </summary>
internal sealed class RecordSerializer : ValueSerializer
{
    /// <summary>Hyperion's mark for "the number of a known type follows".</summary>
    public const byte KnownTypeMark = 254;

    private readonly Type _type;
    private readonly ushort? _number;
    private readonly ConstructorInvoker _constructor;
    private readonly Field[] _fields;

    /// <summary>Prepares a record type.</summary>
    /// <param name="type">A record with one public constructor whose parameters are properties.</param>
    /// <param name="number">Its number as a message, or null for a record that only occurs inside messages.</param>
    /// <param name="serializerOf">Finds the serializer of a field's type.</param>
    public RecordSerializer(Type type, int? number, Func<Type, ValueSerializer> serializerOf)
    {
        _type = type;
        _number = checked((ushort?)number);
        ConstructorInfo constructor = type.GetConstructors().Single();
        _constructor = ConstructorInvoker.Create(constructor);
        _fields = [.. constructor.GetParameters().Select(parameter => FieldOf(type, parameter, serializerOf))];
    }

    public override void WriteManifest(Stream stream, SerializerSession session)
    {
        if (_number is not { } number)
        {
            throw new SerializationException($"{_type.Name} is not a message of its own");
        }

        stream.WriteByte(KnownTypeMark);
        stream.WriteByte((byte)number);
        stream.WriteByte((byte)(number >> 8));
    }

    public override void WriteValue(Stream stream, object value, SerializerSession session)
    {
        foreach (Field field in _fields)
        {
            object? content = field.Property.GetValue(value);
            field.Check(content);
            field.Serializer.WriteValue(stream, content, session);
        }
    }

    public override object ReadValue(Stream stream, DeserializerSession session)
    {
        object?[] contents = new object?[_fields.Length];
        for (int i = 0; i < contents.Length; i++)
        {
            contents[i] = _fields[i].Serializer.ReadValue(stream, session);
            _fields[i].Check(contents[i]);
        }

        return _constructor.Invoke(contents.AsSpan());
    }

    public override Type GetElementType() => _type;

    private static Field FieldOf(Type type, ParameterInfo parameter, Func<Type, ValueSerializer> serializerOf)
    {
        PropertyInfo property = type.GetProperty(parameter.Name!)
            ?? throw new SerializationException($"{type} has a constructor parameter {parameter.Name} without a property of that name");
        bool mayBeNull = new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable;
        return new Field(property, mayBeNull, serializerOf(parameter.ParameterType));
    }

    private sealed record Field(PropertyInfo Property, bool MayBeNull, ValueSerializer Serializer)
    {
        public void Check(object? content)
        {
            if (content is null && !MayBeNull)
            {
                throw new SerializationException($"{Property.DeclaringType!.Name}.{Property.Name} is missing");
            }
        }
    }
}
