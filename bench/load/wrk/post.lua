-- A POST with as many octets of body as its argument says.
dofile(os.getenv("WRK_REPORT"))

function init(args)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/octet-stream"
  wrk.body = string.rep("x", tonumber(args[1]))
end
