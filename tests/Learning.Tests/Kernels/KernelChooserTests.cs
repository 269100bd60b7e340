using MetaMap.Learning.Kernels;
using MetaMap.Learning.Tensors;

namespace MetaMap.Learning.Tests.Kernels;

[Collection(Alone.Name)]
public sealed class KernelChooserTests : IDisposable
{
    private static readonly ConvolutionShape _shape = new(4, 3, 6, 6, 2, 3, 3, 1, 1);

    private readonly string _folder = Directory.CreateTempSubdirectory("metamap-kernels-").FullName;

    public static TheoryData<string> Faults => [nameof(WrongConvolution.Value), nameof(WrongConvolution.Gradient), nameof(WrongConvolution.SecondDerivative), nameof(WrongConvolution.Unwritten)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Faults))]
    public void Choose_WrongKernel_TakesTheNextWayAndSaysWhy(string fault)
    {
        var wrong = (WrongConvolution)typeof(WrongConvolution).GetProperty(fault)!.GetValue(null)!;
        List<string> notices = [];
        KernelChooser chooser = new(wrong, Convolution.Products) { Notice = notices.Add };
        KernelChoice choice = Choose(chooser, _shape);
        chooser.Choose();
        Assert.Same(Convolution.Products, choice.Convolution);
        Assert.StartsWith("products (direct is wrong here: ", choice.Description, StringComparison.Ordinal);
        Assert.Equal(fault == nameof(WrongConvolution.Unwritten), choice.Description.Contains("is not finite", StringComparison.Ordinal));
        Assert.Equal(
            "MetaMap has checked this processor: a faster way of computing convolutions is faulty on it, so another one is used (products). Results are right, and there is nothing to do.",
            Assert.Single(notices));
    }

    [Fact]
    public void Choose_NetworkWithoutConvolutions_SaysNothing()
    {
        List<string> notices = [];
        KernelChooser chooser = new(WrongConvolution.Value, Convolution.Products) { Notice = notices.Add };
        Assert.False(chooser.Choose().IsUsed);
        Assert.False(chooser.Choose("mlp", () => []).IsUsed);
        Assert.Empty(notices);
        Assert.True(Choose(chooser, _shape).IsUsed);
        Assert.Single(notices);
    }

    [Fact]
    public void Choose_KernelWrongForOneShapeOfTheRun_TakesTheNextWayForThatRunOnly()
    {
        KernelChooser chooser = new(new WrongConvolution(right => right.Times(1.1), shape => shape.Channels == 3), Convolution.Products);
        Assert.Equal("direct", Choose(chooser, _shape with { Channels = 4 }).Description);
        Assert.Equal(
            "products (direct is wrong here: the value of 4 images of 3x6x6, 2 filters of 3x3, stride 1, padding 1 is off by 1.0E-1)",
            Choose(chooser, _shape).Description);
    }

    [Fact]
    public void Choose_AfterProductsAlone_StillTakesTheFastestWay()
    {
        KernelChooser chooser = new([Convolution.Direct, Convolution.Products], new KernelCache([_folder], new("identity")));
        Assert.Same(Convolution.Products, Choose(chooser.OfProducts, _shape).Convolution);
        // Not the description: by how much a way is wrong that reads unwritten memory, differs from check to check.
        Assert.Same(Choose(new KernelChooser(Convolution.Direct, Convolution.Products), _shape).Convolution, Choose(chooser, _shape).Convolution);
    }

    [Fact]
    public void Choose_NothingIsRight_RefusesInOneSentence()
    {
        KernelChooser chooser = new(WrongConvolution.Value, WrongConvolution.Gradient);
        KernelException error = Assert.Throws<KernelException>(() => chooser.Choose());
        Assert.StartsWith("No way of computing convolutions is right on this processor (direct: the value of ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("compute on another machine, or with another build of libtorch.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_ThisMachine_IsRightAfterEveryCheck()
    {
        KernelChooser chooser = new(Convolution.Direct, Convolution.Products);
        Choose(chooser, _shape).Verify();
    }

    [Fact]
    public void Verify_KernelThatIsWrongByNow_SaysSo() => Assert.Contains(
        "passed their check at the start and are wrong now",
        Assert.Throws<KernelException>(() => new KernelChoice(WrongConvolution.Value, []) { Shapes = [_shape] }.Verify()).Message, StringComparison.Ordinal);

    [Fact]
    public void Choose_KnownFromAnEarlierProcess_ComputesNothing()
    {
        KernelChoice first = Choose(new KernelChooser([WrongConvolution.Unwritten, Convolution.Products], Cache("a")), _shape);
        WrongConvolution unasked = new(right => right);
        KernelChoice second = Choose(new KernelChooser([unasked, Convolution.Products], Cache("a")), _shape);
        Assert.Equal((first.Convolution, first.Description), (second.Convolution, second.Description));
        Assert.Equal(0, unasked.Calls);
    }

    [Theory]
    [InlineData("another processor", null)]
    [InlineData("a", "")]
    [InlineData("a", "{\"Identity\":\"a\",\"Way\":\"direct\"")]
    [InlineData("a", "{\"Identity\":\"a\",\"Way\":\"direct\"}")]
    [InlineData("a", "null")]
    [InlineData("a", "{\"Identity\":\"a\",\"Way\":\"warp\",\"Faults\":[]}")]
    public void Choose_FileOfAnotherMachineOrDamaged_ChecksAgain(string identity, string? content)
    {
        new KernelChooser([WrongConvolution.Value, Convolution.Products], Cache("a")).Choose();
        if (content is not null)
        {
            File.WriteAllText(Assert.Single(Directory.GetFiles(_folder)), content);
        }

        WrongConvolution asked = new(right => right);
        Assert.Same(asked, new KernelChooser([asked, Convolution.Products], Cache(identity)).Choose().Convolution);
        Assert.True(asked.Calls > 0);
    }

    [Fact]
    public void Choose_FolderThatCannotBeWritten_CostsACheckOnly() => Assert.Same(
        Convolution.Products, new KernelChooser([Convolution.Products], new KernelCache(["/proc/metamap"], new("a"))).Choose().Convolution);

    private static KernelChoice Choose(KernelChooser chooser, ConvolutionShape shape) => chooser.Choose(shape.ToString(), () => [shape]);

    private KernelCache Cache(string identity) => new([_folder], new(identity));
}
