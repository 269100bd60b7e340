using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Stores.Directories;
using MetaMap.Coordinator.Tests.Runs.Board;
using MetaMap.Core.Parameters;
using MetaMap.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary>What a request for a model costs: all that these requests do happens on the test's thread, so its memory can be counted.</summary>
public sealed class ModelEndpointsTests : IDisposable
{
    private const int Parameters = 4_000_000;
    private const int LittleBytes = Parameters * sizeof(float) / 10;
    private readonly TemporaryDirectory _folder = new();
    private readonly CatalogRun _run;
    private readonly RunCatalog _catalog;

    public ModelEndpointsTests()
    {
        RunSnapshot snapshot = RunBoardTests.Snapshot("large", 3);
        _run = new CatalogRun(null, snapshot with
        {
            State = snapshot.State with { Parameters = ParameterVector.Zeros(new ParameterLayout([new ParameterEntry("weight", [Parameters])])) },
        });
        _catalog = new RunCatalog(new RunBoard(), new DirectoryStore(_folder.Path, TimeProvider.System));
    }

    [Theory]
    [InlineData("GET", true, StatusCodes.Status304NotModified)]
    [InlineData("HEAD", true, StatusCodes.Status304NotModified)]
    [InlineData("HEAD", false, StatusCodes.Status200OK)]
    [InlineData("GET", false, StatusCodes.Status200OK)]
    public void Download_OfALargeModel_MakesNoCopyOfIt(string method, bool isKnown, int status)
    {
        string tag = Download("HEAD", null).Response.Headers.ETag.ToString();
        long before = GC.GetAllocatedBytesForCurrentThread();
        HttpContext answered = Download(method, isKnown ? tag : null);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, LittleBytes);
        Assert.Equal((status, tag), (answered.Response.StatusCode, answered.Response.Headers.ETag.ToString()));
    }

    [Fact]
    public void Describe_OfALargeModel_MakesNoCopyOfIt()
    {
        ModelInfoBody first = Describe();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(first.LengthBytes, Describe().LengthBytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, LittleBytes);
        Assert.Equal(Download("HEAD", null).Response.ContentLength, first.LengthBytes);
    }

    public void Dispose() => _folder.Dispose();

    private static T Now<T>(Task<T> task)
    {
        Assert.True(task.IsCompletedSuccessfully);
        return task.Result;
    }

    private DefaultHttpContext Download(string method, string? knownTag)
    {
        DefaultHttpContext context = new() { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        context.Request.Method = method;
        context.Request.Headers.IfNoneMatch = knownTag;
        Assert.True(Now(ModelEndpoints.Download(_run, null, _catalog)).ExecuteAsync(context).IsCompletedSuccessfully);
        return context;
    }

    private ModelInfoBody Describe() => ((IValueHttpResult<ModelInfoBody>)Now(ModelEndpoints.Describe(_run, null, _catalog)).Result).Value!;
}
