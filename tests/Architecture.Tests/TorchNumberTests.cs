using Mono.Cecil;
using Mono.Cecil.Cil;

namespace MetaMap.Architecture.Tests;

/// <summary>
/// TorchSharp hands a number to libtorch in a small native object that the garbage collector may free while libtorch still reads
/// it. Whoever passes one holds it in a <c>using</c>; TorchSharp's own operators between tensors and numbers do not.
/// </summary>
public sealed class TorchNumberTests
{
    [Fact]
    public void Learning_NumberForLibtorch_IsHeldUntilTheCallIsOver() => Assert.Empty(Offences(typeof(MetaMap.Learning.EpisodeLearner).Assembly.Location));

    /// <summary>The check itself sees both.</summary>
    [Fact]
    public void Offences_OfThisProject_AreTheTwoBelow() => Assert.Equal(
        [nameof(Passed), nameof(Multiplied)],
        Offences(typeof(TorchNumberTests).Assembly.Location).Select(offence => offence.Split(' ')[0].Split('.')[^1]));

    internal static TorchSharp.torch.Tensor Passed(TorchSharp.torch.Tensor tensor, double number) => tensor.add(number);

    internal static TorchSharp.torch.Tensor Multiplied(TorchSharp.torch.Tensor tensor, double number) => tensor * number;

    private static IEnumerable<string> Offences(string assembly)
    {
        using var module = ModuleDefinition.ReadModule(assembly);
        return [.. module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody).SelectMany(Offences)];
    }

    private static IEnumerable<string> Offences(MethodDefinition method) =>
        from instruction in method.Body.Instructions
        let called = instruction.Operand as MethodReference
        where called is not null && (IsUnheld(called) || (IsNumber(called) && !IsHeld(instruction, method.Body)))
        select $"{method.DeclaringType.FullName}.{method.Name} calls {called.Name} of {called.DeclaringType.Name}";

    private static bool IsNumber(MethodReference called) =>
        called is { DeclaringType.FullName: "TorchSharp.Scalar", Name: "op_Implicit" or ".ctor" } || called.Name == "ToScalar";

    /// <summary>An operator of a tensor and a number.</summary>
    private static bool IsUnheld(MethodReference called) =>
        called is { DeclaringType.FullName: "TorchSharp.torch/Tensor" } && called.Name.StartsWith("op_", StringComparison.Ordinal)
        && called.Parameters.Any(parameter => parameter.ParameterType.IsPrimitive) && called.ReturnType.FullName == "TorchSharp.torch/Tensor" && called.Parameters.Count == 2;

    private static bool IsHeld(Instruction made, MethodBody body) =>
        Local(made.Next, body, isStored: true) is { } local
        && body.ExceptionHandlers.Any(handler => handler.HandlerType == ExceptionHandlerType.Finally && Within(handler).Any(instruction => Local(instruction, body, isStored: false) == local));

    private static IEnumerable<Instruction> Within(ExceptionHandler handler)
    {
        for (Instruction at = handler.HandlerStart; at is not null && at != handler.HandlerEnd; at = at.Next)
        {
            yield return at;
        }
    }

    private static VariableDefinition? Local(Instruction instruction, MethodBody body, bool isStored) => instruction.OpCode.Code switch
    {
        Code.Stloc_0 when isStored => body.Variables[0],
        Code.Stloc_1 when isStored => body.Variables[1],
        Code.Stloc_2 when isStored => body.Variables[2],
        Code.Stloc_3 when isStored => body.Variables[3],
        Code.Stloc or Code.Stloc_S when isStored => (VariableDefinition)instruction.Operand,
        Code.Ldloc_0 when !isStored => body.Variables[0],
        Code.Ldloc_1 when !isStored => body.Variables[1],
        Code.Ldloc_2 when !isStored => body.Variables[2],
        Code.Ldloc_3 when !isStored => body.Variables[3],
        Code.Ldloc or Code.Ldloc_S when !isStored => (VariableDefinition)instruction.Operand,
        _ => null,
    };
}
