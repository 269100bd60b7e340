using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.Serialization;
using Hyperion;
using Hyperion.SerializerFactories;
using Hyperion.ValueSerializers;

namespace MetaMap.Shared.Serialization;

/// <summary>
/// Takes precedence over all of Hyperion's own factories and handles every type that is not a built-in scalar: listed
/// records, enumerations and immutable arrays get a serializer, everything else is refused when its serializer is asked for.
/// None of Hyperion's serializers for delegates, exceptions, dictionaries, reflection or arbitrary objects can be reached.
/// </summary>
internal sealed class AllowedTypesFactory(IReadOnlyList<Type> messages, IReadOnlyCollection<Type> values) : ValueSerializerFactory
{
    public override bool CanSerialize(Serializer serializer, Type type) => true;

    public override bool CanDeserialize(Serializer serializer, Type type) => true;

    public override ValueSerializer BuildSerializer(
        Serializer serializer, Type type, ConcurrentDictionary<Type, ValueSerializer> typeMapping)
    {
        ValueSerializer built = Build(serializer, type);
        return typeMapping.GetOrAdd(type, built);
    }

    private ValueSerializer Build(Serializer serializer, Type type)
    {
        int number = messages.TakeWhile(message => message != type).Count();
        if (type.IsEnum && values.Contains(type))
        {
            return (ValueSerializer)Activator.CreateInstance(typeof(EnumSerializer<>).MakeGenericType(type))!;
        }

        if (number < messages.Count || values.Contains(type))
        {
            return new RecordSerializer(type, number < messages.Count ? number : null, field => ForField(serializer, field, type));
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            Type element = type.GetGenericArguments()[0];
            Type arraySerializer = typeof(ImmutableArraySerializer<>).MakeGenericType(element);
            return (ValueSerializer)Activator.CreateInstance(arraySerializer, ForField(serializer, element, type))!;
        }

        throw new SerializationException($"{type} is not allowed in a control message: {nameof(ControlTypes)} lists what is");
    }

    private static ValueSerializer ForField(Serializer serializer, Type field, Type owner)
    {
        // Hyperion has built-in serializers for more types than these (object, Type, DateTime): they stay out of reach.
        bool builtIn = field.Namespace == nameof(System) && !ControlTypes.Scalars.Contains(field);
        return builtIn || field.IsArray || field.IsInterface
            ? throw new SerializationException($"{owner} has a field of type {field}, which is not allowed in a control message")
            : serializer.GetSerializerByType(field);
    }
}
