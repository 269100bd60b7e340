using System.Collections.Immutable;
using System.Reflection;
using CsCheck;
using MetaMap.Shared.Messages;
using MetaMap.Shared.Serialization;
using MetaMap.Testing;
using MetaMap.Training.Aggregation;

namespace MetaMap.Shared.Tests.Serialization;

/// <summary>Generators of every control message that there is, made from the constructors: a new message needs no line here.</summary>
internal static class AnyMessage
{
    /// <summary>Any message of any type on the list.</summary>
    public static readonly Gen<IControlMessage> Control = Gen.OneOf([.. ControlTypes.Messages.Select(Of)]);

    /// <summary>Any message of one type.</summary>
    public static Gen<IControlMessage> Of(Type message) => Value(message).Select(value => (IControlMessage)value!);

    private static Gen<object?> Value(Type type)
    {
        if (Scalar(type) is { } scalar)
        {
            return scalar;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            Type element = type.GetGenericArguments()[0];
            MethodInfo create = typeof(AnyMessage).GetMethod(nameof(ArrayOf), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(element);
            return Value(element).Array[0, 3].Select(items => create.Invoke(null, [items]));
        }

        if (type.IsEnum)
        {
            return Extremes.AnyOf<object?>([.. Enum.GetValues(type).Cast<object>()]);
        }

        if (type == typeof(RoundId))
        {
            return Gen.Select(Gen.Bool, Gen.Int[0, int.MaxValue], (isIteration, number) =>
                (object?)(isIteration ? RoundId.Iteration(number) : RoundId.Evaluation(number)));
        }

        ConstructorInfo constructor = type.GetConstructors().Single();
        return constructor.GetParameters().Select(Field).Aggregate(
            Gen.Const(ImmutableList<object?>.Empty), (before, field) => Gen.Select(before, field, (values, value) => values.Add(value)))
            .Select(values => (object?)constructor.Invoke([.. values]));
    }

    /// <summary>A field; null now and then where the wire may carry that.</summary>
    private static Gen<object?> Field(ParameterInfo parameter) =>
        !parameter.ParameterType.IsValueType && new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable
            ? Gen.Frequency((1, Gen.Const((object?)null)), (4, Value(parameter.ParameterType)))
            : Value(parameter.ParameterType);

    private static Gen<object?>? Scalar(Type type) =>
        type == typeof(string) ? Extremes.Carried.Select(value => (object?)value)
        : type == typeof(bool) ? Gen.Bool.Select(value => (object?)value)
        : type == typeof(int) ? Gen.OneOf(Gen.Int, Extremes.AnyOf(Extremes.Numbers).Select(value => unchecked((int)value))).Select(value => (object?)value)
        : type == typeof(long) ? Gen.OneOf(Gen.Long, Extremes.AnyOf(Extremes.Numbers)).Select(value => (object?)value)
        : type == typeof(float) ? Extremes.AnyOf(Extremes.Reals).Select(value => (object?)(float)value)
        : type == typeof(double) ? Extremes.AnyOf(Extremes.Reals).Select(value => (object?)value)
        : null;

    private static ImmutableArray<T> ArrayOf<T>(object?[] items) => [.. items.Select(item => (T)item!)];
}
