# A worker for NVIDIA GPUs (64-bit x86): computes with the libtorch of a PyTorch image, and has no other.
#   docker build -f docker/worker-cuda.Dockerfile -t metamap-worker:cuda .
#   docker run --rm --gpus all metamap-worker:cuda prerequisites --device cuda
# Another PyTorch 2.10 or 2.11, for instance for another CUDA: --build-arg PYTORCH=pytorch/pytorch:TAG
ARG PYTORCH=pytorch/pytorch:2.10.0-cuda12.8-cudnn9-runtime
FROM ${PYTORCH} AS pytorch
# libtorch, its version, and the libraries of CUDA where libtorch looks for them (../../nvidia); Python's own parts stay behind.
RUN packages=$(python -c "import importlib.util, pathlib; print(pathlib.Path(importlib.util.find_spec('torch').origin).parent.parent)") \
    && mkdir /libtorch && cd "$packages" \
    && find torch/lib torch/version.py nvidia \( -name '*.so*' -o -name version.py \) ! -name 'libtorch_python.so' -exec cp -a --parents -t /libtorch {} +

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
# What packages follow from, and nothing else: a change of code takes the next two layers from the cache.
COPY global.json Directory.Build.props Directory.Packages.props src/*/*.csproj ./
RUN --mount=type=cache,id=metamap-nuget,target=/root/.nuget/packages,sharing=locked \
    for project in *.csproj; do mkdir -p "src/${project%.csproj}" && mv "$project" "src/${project%.csproj}/" || exit 1; done \
    && dotnet restore src/Cli/Cli.csproj -r linux-x64 -p:TorchBackend=external
COPY BannedSymbols.txt .editorconfig ./
COPY src/ src/
# Restores nothing again, unless the cache of packages was emptied. Continuous integration has analysed the code.
RUN --mount=type=cache,id=metamap-nuget,target=/root/.nuget/packages,sharing=locked \
    dotnet publish src/Cli/Cli.csproj -c Release -r linux-x64 --no-self-contained -p:TorchBackend=external \
    -p:RunAnalyzers=false -p:PublishDocumentationFiles=false --disable-build-servers -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# What the node writes; a new volume takes over the owner. /tmp is the only other place.
RUN mkdir /cache /data && chown "$APP_UID:$APP_UID" /cache
COPY --from=pytorch /libtorch /opt/libtorch
COPY --from=build /app /app
COPY docker/metamap /usr/local/bin/metamap
VOLUME /cache
USER $APP_UID
WORKDIR /tmp
# As ./metamap sets it: the garbage collector stops the lanes less often. NVIDIA's: what its container runtime brings in.
ENV DOTNET_GCgen0size=0x2000000 METAMAP_CACHE=/cache METAMAP_LIBTORCH=/opt/libtorch/torch/lib \
    NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=10s --retries=3 --start-period=60s CMD ["metamap", "health", "--worker", "/tmp/metamap-worker"]
ENTRYPOINT ["metamap"]
# --device cuda: without a GPU it ends with a sentence, where auto would take the processor.
CMD ["worker", "--coordinator", "coordinator:4053", "--insecure", "--data", "/data", "--health-file", "/tmp/metamap-worker", "--device", "cuda"]
LABEL org.opencontainers.image.title="MetaMap worker for CUDA" \
      org.opencontainers.image.description="Computes meta-gradients on NVIDIA GPUs for the runs of a coordinator." \
      org.opencontainers.image.base.name="mcr.microsoft.com/dotnet/aspnet:10.0"
